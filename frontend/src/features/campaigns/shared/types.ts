/** Campaigns as the API gives them. Times of day are "HH:MM" in the callee's own time. */

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof DAYS)[number]

export type CampaignState = 'draft' | 'running' | 'paused' | 'stopped' | 'completed'

export interface CampaignWindow {
  days: Day[]
  start: string
  end: string
}

export interface Hours {
  windows: CampaignWindow[]
  /** Ids of presets; "local" stands for those of each callee's own country and state. */
  rules: string[]
  skip_holidays: boolean
  /** YYYY-MM-DD */
  blackout_dates: string[]
  not_before: string | null
  not_after: string | null
  default_time_zone: string
}

export const RETRY_OUTCOMES = [
  'busy',
  'no_answer',
  'voicemail',
  'screening',
  'rejected',
  'blocked',
  'failed',
  'congestion',
  'hung_up_early',
] as const
export type RetryOutcome = (typeof RETRY_OUTCOMES)[number]

export interface Retry {
  times: number
  after_s: number
  backoff: number
  /** A share of the wait, 0 to 0.5. */
  jitter: number
  other_time_of_day: boolean
  other_number: boolean
}

export interface Condition {
  slot: string
  equals: string[]
}

export interface CampaignConfig {
  hours: Hours
  pacing: { max_concurrent: number; calls_per_second: number; ramp_up_s: number; weight: number }
  attempts: {
    max_per_contact: number
    max_per_day: number
    max_per_week: number
    /** An outcome that is missing is final. */
    retries: Partial<Record<RetryOutcome, Retry>>
    early_s: number
    keep_callbacks: boolean
  }
  callers: {
    numbers: string[]
    strategy: 'rotate' | 'local'
    daily_cap: number
    rest_s: number
    max_concurrent: number | null
    calls_per_second: number | null
    inbound_too: boolean
    rest_suspects: boolean
  }
  /** Shares are 0 to 1. */
  auto_pause: {
    window_s: number
    at_least: number
    max_failed: number
    max_hung_up_early: number
    max_trunk_trouble: number
  }
  consent: { required: boolean; max_age_days: number | null }
  number_check: { url: string; max_age_days: number } | null
  opt_out: Condition[]
  goal: { conditions: Condition[]; outcomes: ('answered' | 'transferred' | 'callback')[] }
  arms: { version: string; weight: number }[]
  budget_micros: number | null
  variables: Record<string, string>
  default_country: string
  stay_open: boolean
  test: boolean
}

export interface Progress {
  contacts: number
  waiting: number
  checking: number
  calling: number
  done: number
  set_aside: number
  remaining: number
  attempts: number
  connected: number
  human: number
  converted: number
  cost_micros: number
}

/** As a list has it; a single one has its `config` as well. */
export interface CampaignItem {
  id: string
  name: string
  agent: string
  agent_name: string
  state: CampaignState
  pause_reason: string
  paused_by_itself: boolean
  started_at: string | null
  ended_at: string | null
  created_at: string
  progress: Progress
}

export interface Campaign extends CampaignItem {
  config: CampaignConfig
}

export interface PlaceKey {
  zones: string[]
  country: string
  region: string
}

export interface PlaceSeen extends PlaceKey {
  id: string
  contacts: number
  open: boolean
  next_opens_at: string | null
  /** It does not open any more before the campaign's end. */
  never: boolean
  why: string
}

export interface GridDay {
  /** YYYY-MM-DD, of the callee. */
  date: string
  intervals: [string, string][]
}

/** `place`: its id. */
export interface GridRow {
  place: string
  days: GridDay[]
}

export interface Refusal {
  code: string
  detail: string
  field: string
}

export interface Estimate {
  calls: number
  cost_micros: number
  currency: string
  finish_at: string | null
}

export interface Preflight {
  can_start: boolean
  refusals: Refusal[]
  places: PlaceSeen[]
  grid: GridRow[]
  estimate: Estimate | null
}

/** A rule for calling hours, by its id. */
export interface Preset {
  id: string
  name: string
  country: string
  regions: string[]
  /** The law's or the regulator's own page. */
  source: string
  note: string
}

export type ImportState = 'uploaded' | 'reading' | 'ready' | 'committing' | 'done' | 'failed' | 'cancelled'

/** What a column may be besides a variable of the prompt. */
export const ROLES = [
  'number',
  'time_zone',
  'region',
  'country',
  'external_id',
  'consent_source',
  'consent_at',
  'consent_text',
  'note',
] as const
export type Role = (typeof ROLES)[number]

/** Column by what it is; columns are named by their heading. Variables: column by the variable's name. */
export type ColumnMapping = Partial<Record<Role, string | null>> & { variables?: Record<string, string> }

export interface ContactImport {
  id: string
  campaign: string | null
  filename: string
  size_bytes: number
  encoding: string
  delimiter: string
  columns: string[]
  /** The first rows. */
  preview: string[][]
  suggested_mapping: ColumnMapping
  mapping: ColumnMapping
  state: ImportState
  /** 0 to 1, of reading or of importing. */
  progress: number
  rows: number
  good: number
  duplicates: number
  refused: number
  /** Rows by why they were refused. */
  refusals: Record<string, number>
  summary: {
    set_aside?: Record<string, number>
    warnings?: Record<string, number>
    imported?: Record<string, number>
  }
  problem: string
  has_report: boolean
}
