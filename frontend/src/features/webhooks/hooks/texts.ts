export const hooks = {
  hooksText:
    'While a call waits, an address of yours is asked what to do with it. It has until a strict deadline; what it does not answer in time, you decide here beforehand.',
  moment: {
    before_answer: 'Before an inbound call is answered',
    before_dial: 'Before an outbound call is dialed',
  },
  momentText: {
    before_answer:
      'Chooses the agent and its variables by who calls, or refuses the call with a SIP code and a reason.',
    before_dial:
      'Allows the call or not, and gives variables: the last word of your own system before anybody’s phone rings.',
  },
  hookNone: 'Nobody is asked.',
  hookSetUp: 'Set it up',
  hookUrlHint: 'https://hooks.example.com/before-call',
  hookUrlHelp: 'Asked by a signed POST with the call as JSON, while the caller waits.',
  deadline: 'Deadline',
  deadlineHelp: 'For the whole answer. Callers hear nothing meanwhile.',
  ms: ' ms',
  fallback: 'When it does not answer in time, or makes no sense',
  fallbacks: { go_on: 'Go on as if there were no hook', refuse: 'Refuse the call' },
  fallbackText: {
    before_answer: {
      go_on: 'The number’s own agent answers.',
      refuse: 'The caller is refused: nobody talks to whom you have not seen.',
    },
    before_dial: {
      go_on: 'The call is dialed.',
      refuse: 'The call is withdrawn, with the reason on its page.',
    },
  },
  hookEnabled: 'Ask it',
  hookEnabledHelp: 'Off: calls go on as if there were no hook.',
  hookSaved: 'Saved. It holds from the next call on.',
  hookDeleted: 'The hook is deleted.',
  hookDeleteTitle: 'Delete this hook?',
  hookDeleteText: {
    before_answer: 'Inbound calls reach their number’s agent again, unasked.',
    before_dial: 'Outbound calls are dialed again, unasked.',
  },
  troubleTitle: 'It was passed over',
  tryIt: 'Try it',
  triedGood: 'It answers as it should',
  triedBad: 'It would be passed over',
  triedStatus: 'It answered {{status}} after {{time}}.',
  triedNoStatus: 'No answer came within {{time}}.',
  question: 'What it was asked',
  decision: 'What it decided',
} as const
