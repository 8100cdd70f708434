/** Limits of what may be spent. */

export const SCOPES = ['tenant', 'api_key', 'campaign', 'trunk'] as const
export type Scope = (typeof SCOPES)[number]

export const LIMIT_PERIODS = ['day', 'month'] as const
export type LimitPeriod = (typeof LIMIT_PERIODS)[number]

/** The permission by which somebody sees what a limit could be for. */
export const SEES: Record<Scope, string> = {
  tenant: 'billing.read',
  api_key: 'keys.read',
  campaign: 'campaigns.read',
  trunk: 'trunks.read',
}

interface Counted {
  amount_micros: number
  spent_micros: number
  held_micros: number
}

export type Room = 'free' | 'little' | 'none'

/** How much of a limit is used, by what calls cost and what is promised to those that run: 0 to 1. */
export function usedOf({ amount_micros, spent_micros, held_micros }: Counted): number {
  if (amount_micros <= 0) return 1
  return Math.min(1, (spent_micros + held_micros) / amount_micros)
}

export function roomOf(limit: Counted): Room {
  const used = usedOf(limit)
  return used >= 1 ? 'none' : used >= 0.8 ? 'little' : 'free'
}
