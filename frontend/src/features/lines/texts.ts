import { buying } from './buying/texts'
import { orders } from './orders/texts'
import { ports } from './ports/texts'
import { trunks as trunkTexts } from './trunks/texts'

export const lines = {
  numbers: 'Numbers',
  numbersLead: 'Phone numbers, and the agent that each reaches.',
  number: 'Number',
  addNumber: 'Add a number',
  reaches: 'Reaches',
  via: 'Comes through',
  label: 'Label',
  labelHelp: 'For you; callers do not see it.',
  actions: 'Actions',
  none: 'none',
  nobody: 'nobody',
  anAgent: 'an agent',
  noSuchAgent: 'No agent is called that.',
  agentsFailed: 'The agents could not be loaded.',
  agentOf: 'Agent of {{number}}',
  reachesNobody: 'Callers are refused',
  agentNotPublished: 'Agent not published',
  pinned: 'Fixed version',
  sandbox: 'Sandbox',
  use: 'Used for',
  useHelp:
    'Campaigns call from numbers for outbound calls alone, unless they are told to use inbound ones too.',
  useByItself: 'Inbound with an agent, outbound without',
  purpose: { inbound: 'Inbound', outbound: 'Outbound', both: 'Inbound and outbound' },
  purposeLong: {
    inbound: 'Calls that come in',
    outbound: 'Calls of campaigns and programs',
    both: 'Both',
  },
  trunk: 'Trunk',
  edit: 'Edit',
  moreOf: 'More for {{number}}',
  numberSaved: '{{number}} is changed.',
  added: '{{number}} is yours.',
  release: 'Release',
  released: '{{number}} is released.',
  releaseTitle: 'Release {{number}}?',
  releaseSandbox: 'It takes no calls any more, and somebody else may get it. Its past calls stay.',
  releaseOwn:
    'Calls to it are refused from now on. At your carrier it stays yours. Its past calls stay here.',
  noNumbers: 'No numbers yet',
  noNumbersText:
    'Get a free number of the sandbox to try things, buy one that carriers sell, or add one that your own carrier sends here.',
  kind: 'Kind of number',
  fromSandbox: 'Sandbox, free',
  fromCarrier: 'Own carrier',
  fromSandboxHelp:
    'A number of the sandbox phone network: it reaches simulated phones, no real ones, and costs nothing.',
  fromCarrierHelp: 'A number that your carrier sends to us over one of your trunks.',
  e164Help: 'With + and country code, like +1 202 555 0100.',
  needsTrunk: 'A number of your own carrier comes through a trunk, and there is none yet.',
  version: 'Version',
  versionHelp: 'Fix a version, or follow what is published.',
  publishedVersion: 'what is published',
  versionNumber: 'Version {{number}}',
  versionWithNote: 'Version {{number}}: {{note}}',

  fallback: 'Send callers to, when no agent can answer',
  fallbackHelp:
    'Another telephone number, like +1 202 555 0100. It is called through the same trunk. Empty: callers are refused.',
  capture: 'Keep the audio packets of its calls (RTP)',
  captureHelp:
    'For finding faults. The packets hold everything that is said: switch it on only where callers are told and the law allows it, and off again afterwards.',
  capturing: 'RTP is kept',
  fallsBack: 'Else {{number}}',

  tabs: { yours: 'Yours', orders: 'Orders', ports: 'Transfers in', papers: 'Papers' },
  rental: '{{price}} a month',
  rentedUntil: 'Paid until {{day}}',
  grace: 'Not paid',
  graceUntil:
    'Given back on {{day}}, unless the balance covers it before: then it is paid by itself within an hour.',
  callerName: 'Name that callees see',
  callerNameHelp:
    'Letters, digits and spaces, at most 15. The carrier files it with its register; phones show it days later, and not in every country.',
  callerNameNone: 'no name',
  callerNameState: { pending: 'filed, not in force yet', active: 'in force', failed: 'refused' },
  releaseManaged:
    'The carrier takes it back, and somebody else may get it: mostly it cannot be had again. What is paid of the month is not given back. Its past calls stay.',
  releaseNeeded: 'It is needed',
  releaseConfirm: 'To release it all the same, type the number',
  releaseConfirmFault: 'This is not the number.',

  ...buying,
  ...orders,
  ...ports,
  ...trunkTexts,
} as const
