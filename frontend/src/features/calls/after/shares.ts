/** What a link shows and whether it still works. */

interface Shown {
  recording: boolean
  transcript: boolean
  analysis: boolean
}

interface Ends {
  expires_at: string
  revoked_at: string | null
}

const PARTS = ['recording', 'transcript', 'analysis'] as const

export const partsOf = (share: Shown) => PARTS.filter((part) => share[part])

export function stateOfShare({ expires_at, revoked_at }: Ends, now: number): 'works' | 'revoked' | 'over' {
  if (revoked_at) return 'revoked'
  return Date.parse(expires_at) > now ? 'works' : 'over'
}
