/**
 * What is to be known of a call after it, as the API has it (media_workers/contract/analysis.py) and as the
 * form holds it: an empty box where the API has null.
 */
import type { ChatVendor } from './types'

export const FIELD_TYPES = [
  'string',
  'number',
  'integer',
  'boolean',
  'date',
  'time',
  'amount',
  'phone',
  'email',
  'enum',
] as const
export type FieldType = (typeof FIELD_TYPES)[number]

export interface ExtractionField {
  name: string
  type: FieldType
  description: string
  choices: string[]
  many: boolean
  required: boolean
  pattern: string
  slot: string | null
  keywords: string[]
}

export interface Criterion {
  name: string
  description: string
  field: string | null
  equals: string[]
  phrases: string[]
}

export const RULES = ['must_say', 'must_not_say'] as const

export interface ComplianceRule {
  name: string
  kind: (typeof RULES)[number]
  phrases: string[]
  within_turns: number | null
}

export interface Topic {
  name: string
  phrases: string[]
}

export interface AnalysisModel {
  provider: ChatVendor | 'openai_compatible'
  model: string
  base_url: string | null
  timeout_ms: number
}

/** What both shapes share. */
interface Common {
  enabled: boolean
  instructions: string
  summary: boolean
  outcomes: string[]
  sentiment: boolean
  topics: Topic[]
  unanswered: boolean
}

export interface CallAnalysis extends Common {
  /** null: rules, on our side. */
  model: AnalysisModel | null
  criteria: Criterion[]
  compliance: ComplianceRule[]
}

export interface FieldForm extends Omit<ExtractionField, 'slot'> {
  slot: string
}

export interface CriterionForm extends Omit<Criterion, 'field'> {
  field: string
}

export interface RuleForm extends Omit<ComplianceRule, 'within_turns'> {
  within_turns: number | ''
}

export interface AnalysisModelForm extends Omit<AnalysisModel, 'base_url'> {
  base_url: string
}

export interface AnalysisForm extends Common {
  model: AnalysisModelForm | null
  criteria: CriterionForm[]
  compliance: RuleForm[]
}

/** How many of each may be there. */
export const MOST = { extraction: 60, criteria: 20, topics: 50, compliance: 30 } as const

export const callAnalysis = (): CallAnalysis => ({
  enabled: true,
  model: null,
  instructions: '',
  summary: true,
  outcomes: [],
  criteria: [],
  sentiment: true,
  topics: [],
  unanswered: true,
  compliance: [],
})

export const emptyField = (): FieldForm => ({
  name: '',
  type: 'string',
  description: '',
  choices: [],
  many: false,
  required: false,
  pattern: '',
  slot: '',
  keywords: [],
})
export const emptyCriterion = (): CriterionForm => ({
  name: '',
  description: '',
  field: '',
  equals: [],
  phrases: [],
})
export const emptyRule = (): RuleForm => ({ name: '', kind: 'must_say', phrases: [], within_turns: '' })
export const emptyTopic = (): Topic => ({ name: '', phrases: [] })
export const emptyAnalysisModel = (): AnalysisModelForm => ({
  provider: 'openai',
  model: '',
  base_url: '',
  timeout_ms: 60_000,
})

export const fieldToForm = (field: Partial<ExtractionField>): FieldForm => ({
  ...emptyField(),
  ...field,
  slot: field.slot ?? '',
})

/** Choices are of an enum, a pattern is of a text: what was typed for another type is left behind. */
export const fieldFromForm = ({ slot, choices, pattern, ...field }: FieldForm): ExtractionField => ({
  ...field,
  name: field.name.trim(),
  choices: field.type === 'enum' ? choices : [],
  pattern: field.type === 'string' ? pattern : '',
  slot: slot.trim() || null,
})

export function analysisToForm(given: Partial<CallAnalysis> | undefined): AnalysisForm {
  const { model, criteria, compliance, ...rest } = { ...callAnalysis(), ...given }
  return {
    ...rest,
    model: model && { ...emptyAnalysisModel(), ...model, base_url: model.base_url ?? '' },
    criteria: criteria.map((one) => ({ ...emptyCriterion(), ...one, field: one.field ?? '' })),
    topics: rest.topics.map((one) => ({ ...emptyTopic(), ...one })),
    compliance: compliance.map((one) => ({ ...emptyRule(), ...one, within_turns: one.within_turns ?? '' })),
  }
}

export function analysisFromForm({ model, criteria, compliance, ...rest }: AnalysisForm): CallAnalysis {
  return {
    ...rest,
    model: model && { ...model, base_url: model.base_url.trim() || null },
    criteria: criteria.map((one) => ({ ...one, field: one.field || null })),
    compliance: compliance.map((one) => ({
      ...one,
      within_turns: one.within_turns === '' ? null : one.within_turns,
    })),
  }
}
