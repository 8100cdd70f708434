import { describe, expect, it } from 'vitest'
import { idsOf } from '@/features/agents/after/trying'
import { progressOf, spanOf } from '@/features/agents/after/reruns'
import { type CallAnalysis, callAnalysis, emptyField, emptyRule } from '@/features/agents/config/analysis'
import { check, type Words } from '@/features/agents/config/check'
import { collected } from '@/features/agents/config/collected'
import { canonical, fromForm, placeOf, toForm } from '@/features/agents/config/convert'
import { emptyConfig } from '@/features/agents/config/defaults'
import type { AgentConfig, ConfigForm } from '@/features/agents/config/types'
import { sectionOf } from '@/features/agents/editor/form'

const analysis: CallAnalysis = {
  ...callAnalysis(),
  model: { provider: 'openai_compatible', model: 'm', base_url: 'http://127.0.0.1:1/v1', timeout_ms: 9_000 },
  outcomes: ['booked', 'lost'],
  criteria: [{ name: 'Booked', description: '', field: 'day', equals: [], phrases: ['see you'] }],
  topics: [{ name: 'Price', phrases: ['how much'] }],
  compliance: [{ name: 'Notice', kind: 'must_say', phrases: ['recorded'], within_turns: 2 }],
}
const config: AgentConfig = {
  ...emptyConfig(),
  analysis,
  extraction: [
    {
      name: 'day',
      type: 'date',
      description: 'The day',
      choices: [],
      many: false,
      required: true,
      pattern: '',
      slot: 'day',
      keywords: ['which day'],
    },
  ],
  redact: ['cards'],
}

// Every text of a fault is its own name.
const words = new Proxy({} as Words, {
  get: (_, name: string) => (['between', 'tooLong', 'noSlot'].includes(name) ? () => name : name),
})
const form = (change: Partial<ConfigForm> = {}): ConfigForm => ({ ...toForm(config), ...change })
const faults = (change: Partial<ConfigForm>) => check({ name: 'Desk', config: form(change) }, words)

describe('what is to be known after a call', () => {
  it('survives the form, nothing of it lost', () => {
    expect(canonical(fromForm(toForm(config)))).toBe(canonical(config))
    const plain = { ...emptyConfig(), analysis: { ...analysis, model: null } }
    expect(canonical(fromForm(toForm(plain)))).toBe(canonical(plain))
  })

  it('has its defaults where an older configuration says nothing', () => {
    const { analysis: none, redact, ...older } = config
    const filled = toForm({ ...older, extraction: [{ name: 'day' }] as never })
    expect([none.outcomes.length, redact]).toEqual([2, ['cards']])
    expect(filled.analysis.enabled).toBe(true)
    expect(filled.extraction[0]).toEqual({ ...emptyField(), name: 'day' })
  })

  it('drops what belongs to another type', () => {
    const field = { ...emptyField(), name: 'kind', choices: ['a'], pattern: 'x' }
    const [text] = fromForm(form({ extraction: [field] })).extraction
    const [one] = fromForm(form({ extraction: [{ ...field, type: 'enum' }] })).extraction
    expect([text!.choices, text!.pattern]).toEqual([[], 'x'])
    expect([one!.choices, one!.pattern]).toEqual([['a'], ''])
  })

  it('is checked before the server does', () => {
    const base = form().analysis
    expect(faults({})).toEqual({})
    expect(faults({ extraction: [{ ...emptyField(), name: 'kind', type: 'enum' }] })).toEqual({
      'config.extraction.0.choices': 'choices',
    })
    expect(
      faults({ extraction: [{ ...emptyField(), name: 'k', type: 'enum', choices: ['a', 'a'] }] }),
    ).toEqual({ 'config.extraction.0.choices': 'twice' })
    expect(
      faults({ analysis: { ...base, topics: [...base.topics, { name: 'Price', phrases: [] }] } }),
    ).toEqual({
      'config.analysis.topics.1.name': 'twice',
    })
    expect(faults({ analysis: { ...base, compliance: [{ ...emptyRule(), within_turns: 300 }] } })).toEqual({
      'config.analysis.compliance.0.name': 'required',
      'config.analysis.compliance.0.phrases': 'phrase',
      'config.analysis.compliance.0.within_turns': 'between',
    })
    expect(faults({ analysis: { ...base, model: { ...base.model!, base_url: 'nowhere' } } })).toEqual({
      'config.analysis.model.base_url': 'url',
    })
  })

  it('shows a fault of the server where its box is', () => {
    const at = (field: string) => placeOf(field, form())
    expect(at('config.extraction.0.keywords.2')).toBe('config.extraction.0.keywords')
    expect(at('config.analysis.criteria.0.equals.1')).toBe('config.analysis.criteria.0.equals')
    expect(at('config.analysis.outcomes.1')).toBe('config.analysis.outcomes')
    expect(at('config.analysis.model.base_url')).toBe('config.analysis.model.base_url')
    expect(sectionOf('config.analysis.outcomes')).toBe('analysis')
    expect(sectionOf('config.redact')).toBe('ending')
  })

  it('knows the names that the dialogue keeps', () => {
    const scripted = form()
    const model = scripted.model as Extract<ConfigForm['model'], { provider: 'script' }>
    model.slots = [{ name: 'part', values: ['morning'] }]
    model.nodes[0]!.expect[0]!.set = [{ name: 'confirmed', value: 'yes' }]
    expect(collected(scripted)).toEqual(['confirmed', 'part'])
  })
})

describe('trying on past calls', () => {
  it('takes one to five ids, or the addresses of calls', () => {
    expect(idsOf(['call_a1', 'https://x.example/t/a/calls/call_b2?turn=3', 'call_a1'])).toEqual([
      'call_a1',
      'call_b2',
    ])
    expect(idsOf([])).toBeNull()
    expect(idsOf(['call_a', 'nonsense'])).toBeNull()
    expect(idsOf(['1', '2', '3', '4', '5', '6'].map((n) => `call_${n}`))).toBeNull()
  })
})

describe('a rerun', () => {
  it('includes both days, and any day where none is given', () => {
    expect(spanOf('2030-01-05', '2030-01-06')).toEqual({
      since: new Date(2030, 0, 5).toISOString(),
      until: new Date(2030, 0, 7).toISOString(),
    })
    expect(spanOf(null, null)).toEqual({ since: null, until: null })
  })

  it('is over when each call was read or could not be', () => {
    expect(progressOf({ calls: 8, done: 3, failed: 1 })).toBe(50)
    expect(progressOf({ calls: 0, done: 0, failed: 0 })).toBe(100)
  })
})
