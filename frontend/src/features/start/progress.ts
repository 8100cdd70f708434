/** How far the workspace is, taken from what it has: the page can be left and come back to at any time. */
import type { components } from '@/api/schema'

type Schemas = components['schemas']

export const STEPS = ['agent', 'talk', 'number', 'call'] as const
export type Step = (typeof STEPS)[number]

export interface Facts {
  agent: Schemas['Agent'] | null
  numbers: Schemas['Number'][]
  /** The last conversation in the browser and the last phone call that was answered. */
  talked: boolean
  called: boolean
}

export function doneSteps({ agent, numbers, talked, called }: Facts): Record<Step, boolean> {
  return {
    agent: agent !== null,
    talk: agent !== null && talked,
    number: agent?.published_version != null && numbers.some((number) => number.agent === agent.id),
    call: called,
  }
}

/** The first step that is not done and was not put off; null when nothing is left. */
export function nextStep(done: Record<Step, boolean>, skipped: ReadonlySet<Step>): Step | null {
  return STEPS.find((step) => !done[step] && !skipped.has(step)) ?? null
}

/** A step that needs an earlier one cannot be opened before it. */
export function canOpen(step: Step, done: Record<Step, boolean>): boolean {
  if (step === 'agent') return true
  return step === 'call' ? done.agent && done.number : done.agent
}
