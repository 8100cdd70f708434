/** How far a dispute is. */
export type DisputeStage = 'asked' | 'open' | 'won' | 'lost' | 'closed'

/** By the state that card networks give it. One that is new takes money back like most do. */
export function stageOf(state: string): DisputeStage {
  if (state === 'won' || state === 'lost') return state
  if (state === 'warning_closed' || state === 'prevented') return 'closed'
  return state.startsWith('warning_') ? 'asked' : 'open'
}
