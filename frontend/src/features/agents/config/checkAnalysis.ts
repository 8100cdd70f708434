/** What the browser checks of what is to be known after a call. */
import type { Words } from './check'
import type { AnalysisForm, FieldForm } from './analysis'

type Put = (place: string, text: string) => void

const NAME = /^[a-z][a-z0-9_]{0,63}$/
const MOST_LABEL = 80

export function checkAnalysis(fields: FieldForm[], analysis: AnalysisForm, words: Words, put: Put) {
  fields.forEach((field, i) => checkField(field, `config.extraction.${i}`, words, put))
  checkModel(analysis, words, put)
  const place = 'config.analysis'
  if (new Set(analysis.outcomes).size !== analysis.outcomes.length) put(`${place}.outcomes`, words.twice)
  else checkLabels(analysis.outcomes, `${place}.outcomes`, words, put)
  labelled(analysis.criteria, `${place}.criteria`, words, put)
  labelled(analysis.topics, `${place}.topics`, words, put)
  labelled(analysis.compliance, `${place}.compliance`, words, put)
  analysis.compliance.forEach(({ phrases, within_turns }, i) => {
    if (phrases.length === 0) put(`${place}.compliance.${i}.phrases`, words.phrase)
    if (within_turns !== '' && (within_turns < 1 || within_turns > 200))
      put(`${place}.compliance.${i}.within_turns`, words.between(1, 200))
  })
}

function checkField({ type, choices, slot, pattern }: FieldForm, place: string, words: Words, put: Put) {
  if (type === 'enum') {
    if (choices.length === 0) put(`${place}.choices`, words.choices)
    else if (new Set(choices).size !== choices.length) put(`${place}.choices`, words.twice)
    else checkLabels(choices, `${place}.choices`, words, put)
  }
  if (type === 'string' && pattern.length > 300) put(`${place}.pattern`, words.tooLong(300))
  if (slot.trim() && !NAME.test(slot.trim())) put(`${place}.slot`, words.name)
}

function checkLabels(labels: string[], place: string, words: Words, put: Put) {
  if (labels.some((label) => label.length > MOST_LABEL)) put(place, words.tooLong(MOST_LABEL))
}

function checkModel({ model }: AnalysisForm, words: Words, put: Put) {
  if (!model) return
  if (!model.model.trim()) put('config.analysis.model.model', words.required)
  if (model.provider === 'openai_compatible' && !/^https?:\/\/[^\s/]+/.test(model.base_url.trim()))
    put('config.analysis.model.base_url', words.url)
  const wait = model.timeout_ms as unknown
  if (typeof wait !== 'number' || wait < 1_000 || wait > 120_000)
    put('config.analysis.model.timeout_ms', words.between(1_000, 120_000))
}

function labelled(rows: { name: string }[], place: string, words: Words, put: Put) {
  const seen = new Set<string>()
  rows.forEach(({ name }, i) => {
    const label = name.trim()
    if (!label) put(`${place}.${i}.name`, words.required)
    else if (label.length > MOST_LABEL) put(`${place}.${i}.name`, words.tooLong(MOST_LABEL))
    else if (seen.has(label)) put(`${place}.${i}.name`, words.twice)
    seen.add(label)
  })
}
