import { papers } from '../papers/texts'

export const buying = {
  buy: {
    title: 'Buy a number',
    lead: 'Numbers that carriers have now. The rental is taken from the balance each month.',
    open: 'Buy a number',
    nobody: 'No numbers are sold here',
    nobodyText:
      'No carrier is connected to this installation. Bring a number of your own carrier over a trunk, or take a free one of the sandbox.',
    hint: 'Choose a country and search. An area code or a few digits narrow it down.',
    search: 'Search',
    country: 'Country',
    countryFault: 'Choose a country.',
    type: 'Kind',
    types: { local: 'Local', mobile: 'Mobile', toll_free: 'Toll-free', national: 'National' },
    area: 'Area code',
    areaFault: 'Digits only.',
    contains: 'With these digits',
    containsFault: 'Digits and letters only.',
    carrier: 'Carrier',
    anyCarrier: 'Any',
    clear: 'Clear',
    capabilities: 'It can',
    capability: { voice: 'Calls', sms: 'SMS', mms: 'MMS', fax: 'Fax' },
    none: 'No such number is free',
    noneText: 'Take the digits or the area code away, or try another kind.',
    where: 'Where',
    price: 'Price',
    setup: '{{price}} once',
    ofSandbox: 'Sandbox: no real phones',
    sandboxHelp:
      'A number of the sandbox, to try how buying goes: it reaches simulated phones, no real ones.',
    needsPapers: 'Needs papers',
    buy: 'Buy',
    one: 'Buy {{number}}',
    priceMonth:
      '{{month}} a month. The first month is taken when the number is yours, later ones as they begin.',
    priceSetup:
      '{{setup}} once and {{month}} a month. Both are taken when the number is yours, later months as they begin.',
    order: 'Buy for {{price}}',
    ordered: '{{number}} is ordered.',
  },
  papers,
} as const
