/** The steps of the wizard, and to which of them a fault belongs. */

export const STEPS = ['agent', 'contacts', 'hours', 'dialing', 'check'] as const
export type Step = (typeof STEPS)[number]

export const isStep = (text: unknown): text is Step => STEPS.includes(text as Step)

// By the beginning of the dotted field; the first that fits.
const PLACES: [string, Step][] = [
  ['name', 'agent'],
  ['agent', 'agent'],
  ['config.arms', 'agent'],
  ['config.goal', 'dialing'],
  ['contacts', 'contacts'],
  ['config.variables', 'contacts'],
  ['config.default_country', 'contacts'],
  ['config.stay_open', 'contacts'],
  ['config.hours', 'hours'],
  ['config', 'dialing'],
]

/** Null: no step mends it (money, a suspended workspace). */
export function stepOf(field: string): Step | null {
  const path = field === '' || /^(name|agent|contacts|config)(\.|$)/.test(field) ? field : `config.${field}`
  return PLACES.find(([place]) => path === place || path.startsWith(`${place}.`))?.[1] ?? null
}

export function nextOf(step: Step): Step | null {
  return STEPS[STEPS.indexOf(step) + 1] ?? null
}

export function beforeOf(step: Step): Step | null {
  return STEPS[STEPS.indexOf(step) - 1] ?? null
}
