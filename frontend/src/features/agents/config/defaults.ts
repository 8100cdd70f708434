/** What an empty part begins with; the same numbers as in the contract. */
import type { AgentConfig, BranchForm, EndpointForm, NodeForm, Script, ScriptForm } from './types'

export const emptyBranch = (): BranchForm => ({
  phrases: [],
  dtmf: '',
  set: [],
  reply: '',
  goto: null,
  action: 'none',
})

export const emptyNode = (name: string): NodeForm => ({
  name,
  say: '',
  expect: [],
  otherwise: 'Sorry, I did not understand that.',
  otherwise_limit: 3,
  otherwise_goto: null,
})

export const emptyScript = (): ScriptForm => ({
  provider: 'script',
  start: 'start',
  nodes: [emptyNode('start')],
  slots: [],
})

export const emptyEndpoint = (): EndpointForm => ({
  provider: 'openai_compatible',
  base_url: '',
  model: '',
  api_key: '',
  remove_key: false,
  temperature: 0.3,
  max_tokens: 400,
  timeout_ms: 10_000,
  tools: [],
})

const script: Script = {
  provider: 'script',
  start: 'start',
  nodes: {
    start: {
      say: '',
      expect: [
        {
          phrases: ['goodbye', 'bye'],
          dtmf: null,
          set: {},
          reply: 'Goodbye.',
          goto: null,
          action: 'end_call',
        },
      ],
      otherwise: 'Sorry, I did not understand that.',
      otherwise_limit: 3,
      otherwise_goto: null,
    },
  },
  slots: {},
}

/** The smallest agent that works: it greets, and says goodbye when the caller does. */
export const emptyConfig = (): AgentConfig => ({
  prompt: '',
  first_message: 'Hello, how can I help you?',
  language: 'en-US',
  model: structuredClone(script),
  voice: { provider: 'flite', voice: 'slt', speed: 1 },
  transcriber: { provider: 'pocketsphinx', hints: [] },
  turn_taking: {
    endpointing_ms: 450,
    transcript_after_ms: 120,
    transcript_timeout_ms: 1500,
    min_speech_ms: 80,
    barge_in: true,
    barge_in_min_speech_ms: 200,
  },
  max_duration_ms: 1_800_000,
  silence: {
    prompt_after_ms: 8000,
    prompts: ['Are you still there?'],
    goodbye: 'I cannot hear you, so I will hang up now. Goodbye.',
  },
  end_call_phrases: [],
  max_duration_message: 'I am sorry, the time for this call is over. Goodbye.',
  fallback_message: 'I am sorry, I have a technical problem. Please call again later. Goodbye.',
  extraction: [],
  variables: {},
  record: true,
})
