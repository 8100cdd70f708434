/** What an empty part begins with; the same numbers as in the contract. */
import { callAnalysis } from './analysis'
import { keyInput, knowledgeUse, voicemail } from './reach'
import type {
  AgentConfig,
  BranchForm,
  ChatForm,
  EndpointForm,
  Fillers,
  NodeForm,
  RealtimeForm,
  Script,
  ScriptForm,
  Sounds,
  Transcriber,
  TurnTaking,
  Voice,
} from './types'

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

/** What every language model takes. */
export const sampling = { temperature: 0.3, max_tokens: 400, first_token_ms: 2500, timeout_ms: 10_000 }

export const emptyChat = (): ChatForm => ({ provider: 'openai', model: '', ...sampling, extra: [] })

export const emptyEndpoint = (): EndpointForm => ({
  provider: 'openai_compatible',
  base_url: '',
  model: '',
  api_key: '',
  remove_key: false,
  ...sampling,
})

export const realtime = { voice: '', temperature: 0.7, timeout_ms: 10_000, extra: {} }

export const emptyRealtime = (): RealtimeForm => ({
  ...realtime,
  provider: 'openai_realtime',
  model: '',
  extra: [],
})

export const voice: Voice = {
  provider: 'flite',
  voice: 'slt',
  model: '',
  speed: 1,
  first_audio_ms: 2000,
  extra: {},
}

export const transcriber: Transcriber = { provider: 'pocketsphinx', model: '', hints: [], extra: {} }

const turnTaking: TurnTaking = {
  endpointing: 'adaptive',
  endpointing_ms: 450,
  endpointing_min_ms: 240,
  endpointing_max_ms: 1400,
  eager: true,
  transcript_after_ms: 100,
  transcript_timeout_ms: 1500,
  min_speech_ms: 80,
  sensitivity: 'medium',
  barge_in: true,
  barge_in_min_speech_ms: 200,
  ignore_backchannels: true,
  backchannels: [],
  resume_after_ms: 900,
  protected_phrases: [],
}

const sounds: Sounds = { comfort_noise: true, ambience: 'none', ambience_db: -42, thinking: 'none' }
const fillers: Fillers = { phrases: [], after_ms: 1500 }

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
  tools: [],
  secrets: {},
  prefetch: [],
  languages: [],
  flow: null,
  transfers: [],
  knowledge: { ...knowledgeUse },
  keys: { ...keyInput },
  voicemail: { ...voicemail },
  voice: structuredClone(voice),
  transcriber: structuredClone(transcriber),
  fallbacks: { models: [], voices: [], transcribers: [] },
  turn_taking: structuredClone(turnTaking),
  sounds: { ...sounds },
  fillers: structuredClone(fillers),
  max_duration_ms: 1_800_000,
  silence: {
    prompt_after_ms: 8000,
    prompts: ['Are you still there?'],
    goodbye: 'I cannot hear you, so I will hang up now. Goodbye.',
  },
  max_duration_warning_ms: null,
  max_duration_warning: 'We have about one minute left.',
  end_call_phrases: [],
  max_duration_message: 'I am sorry, the time for this call is over. Goodbye.',
  money_ended_message: 'I am sorry, I have to end the call here. Goodbye.',
  fallback_message: 'I am sorry, I have a technical problem. Please call again later. Goodbye.',
  extraction: [],
  analysis: callAnalysis(),
  variables: {},
  record: true,
  redact: [],
})
