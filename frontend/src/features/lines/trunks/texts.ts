/** Texts of trunks; part of the namespace `lines`. */
import { live } from './live/texts'
import { settings } from './settings/texts'
import { setup } from './setup/texts'
import { stats } from './stats/texts'

export const trunks = {
  trunks: 'Trunks',
  trunksLead: 'SIP connections to your own carrier, telephone system or phones.',
  newTrunk: 'New trunk',
  newTrunkLead: 'A few questions, checked as you go; at the end, the values for the other side.',
  createTrunk: 'Create the trunk',
  noTrunks: 'No trunks yet',
  noTrunksText:
    'Connect your carrier to use your own numbers. To try things, numbers of the sandbox need no trunk.',
  name: 'Name',
  direction: 'Direction',
  directions: { both: 'Both', inbound: 'Inbound', outbound: 'Outbound' },
  directionLeads: {
    both: 'Calls come and go through it.',
    inbound: 'Calls come through it.',
    outbound: 'Calls go through it.',
  },
  trunkSaved: '“{{name}}” is saved.',
  trunkDeleted: '“{{name}}” is deleted.',
  deleteTrunk: 'Delete the trunk “{{name}}”?',
  deleteTrunkText:
    'No calls come or go through it any more; past calls stay. A trunk that numbers or other trunks still use is not deleted.',
  overview: 'Overview',
  valuesTab: 'Values to copy',

  connection: 'What to tell your carrier',
  connectionLead: 'Send calls here, in this form.',
  connectionPhone: 'What to type in on the phone or telephone system',
  connectionPhoneLead: 'It registers here with these values.',
  ourAddress: 'Our SIP address',
  copyAddress: 'Copy {{address}}',
  ownDomain: 'Domain',
  ownDomainText: 'Each trunk has its own, under {{domain}}: its page shows it.',
  domain: 'Domain, registrar or SIP server',
  domainHelp: 'Phones call it by any of these names.',
  copyDomain: 'Copy the domain',
  proxy: 'Outbound proxy',
  proxyHelp: 'Where packets go; needed unless the domain leads there by DNS.',
  requestUri: 'Send calls to',
  requestUriHelp: 'With the number called in place of <number>, in E.164, with or without +.',
  copyUri: 'Copy the SIP address to send calls to',
  copyUsername: 'Copy the user name',
  copyPassword: 'Copy the password',
  passwordOnce: 'Shown here only, and never again. Copy it now.',
  passwordHidden: 'Stored encrypted, not shown again. Set another in the settings if it is lost.',
  realm: 'Realm',
  copyCodecs: 'Copy the codecs',
  copyPorts: 'Copy the ports',
  noNode: 'No media node runs at the moment: start one to see its address.',
  transports: 'Transports',
  keys: 'Keys (DTMF)',
  audioPorts: 'Audio (RTP), UDP ports',
  numberShape: 'Number called',
  numberShapeText: 'In the Request-URI, in E.164, with or without +.',

  ...live,
  ...stats,
  ...settings,
  ...setup,

  fault: {
    required: 'This is needed.',
    e164: 'Give the number with + and country code, like +12025550100.',
    trunk: 'Choose the trunk that it comes through.',
    host: 'Give an IP address or a host name, without sip: or a port.',
    gateway: 'Calls to the carrier need a gateway.',
    address: 'give an IP address or a network like 203.0.113.0/28.',
    addresses: 'Give the addresses that calls come from.',
    twice: 'This header is named twice.',
    between: 'Give a number from {{least}} to {{most}}.',
  },
} as const
