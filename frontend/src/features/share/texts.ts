export const share = {
  title: 'A shared call',
  from: 'Shared by {{workspace}}',
  facts: '{{direction}} on {{time}}, {{duration}} long',
  withAgent: 'with {{agent}}',
  until: 'This link works until {{time}}.',
  recording: 'Recording',
  transcript: 'Transcript',
  analysis: 'Analysis',
  goneTitle: 'This link does not work any more',
  goneText: 'It has expired, was revoked, or never existed. Ask whoever sent it to you for another.',
  recordingGone: 'The recording is not there any more.',
} as const
