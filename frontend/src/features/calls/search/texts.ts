/** Texts of the search through transcripts. */
export const search = {
  title: 'Transcripts',
  lead: 'What was said in your calls, by its words. Words in quotation marks have to stand side by side.',
  field: 'Search for',
  hint: 'refund, "cancel my order" …',
  submit: 'Search',
  speaker: 'Said by',
  anySpeaker: 'Anybody',
  speaker_caller: 'The caller',
  speaker_agent: 'The agent',
  when: 'When',
  emptyTitle: 'Search what was said',
  emptyText: 'Type a word or two. You get every turn that has them, the newest call first.',
  noneTitle: 'Nobody said that',
  noneText:
    'Try other words, fewer of them, or a longer time. Calls are found a moment after they have ended.',
  results: 'Turns found',
  turnOf: '{{speaker}} at {{time}}',
  openTurn: 'Open the call at these words',
  toSearch: 'Search in transcripts',
} as const
