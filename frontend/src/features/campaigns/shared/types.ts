/**
 * Campaigns as the API gives them. Times of day are "HH:MM" in the callee's own time. A configuration has its
 * form here: the document of the API calls it any object, as it does what a column of a file is.
 */
import type { components } from '@/api/schema'

type Schemas = components['schemas']

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof DAYS)[number]

export type CampaignState = Schemas['CampaignState']
export type PauseCode = Schemas['PauseCode']

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

/** As every campaign has it; more is in the socket's and the API's `Progress`. */
export type Progress = Schemas['BriefProgress']

/** As a list has it; a single one has its `config` as well. */
export type CampaignItem = Schemas['CampaignItem']

export type Campaign = Omit<Schemas['Campaign'], 'config'> & { config: CampaignConfig }

export interface PlaceKey {
  zones: string[]
  country: string
  region: string
}

export type PlaceSeen = Schemas['Place']
/** `intervals`: from, until. */
export type GridDay = Omit<Schemas['GridDay'], 'intervals'> & { intervals: [string, string][] }
export type GridRow = Omit<Schemas['GridRow'], 'days'> & { days: GridDay[] }
export type Refusal = Schemas['Refusal']
export type Estimate = Schemas['Estimate']
export type Preflight = Omit<Schemas['Preflight'], 'grid'> & { grid: GridRow[] }
/** A rule for calling hours, by its id. */
export type Preset = Schemas['Preset']
export type ImportState = Schemas['ImportStateEnum']

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

export type ContactImport = Omit<Schemas['Import'], 'suggested_mapping' | 'mapping' | 'summary'> & {
  suggested_mapping: ColumnMapping
  mapping: ColumnMapping
  summary: {
    set_aside?: Record<string, number>
    warnings?: Record<string, number>
    imported?: Record<string, number>
  }
}
