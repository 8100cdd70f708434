/** The draft in the form: whether it differs from what is stored, saving it, and who was faster. */
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { done } from '@/components/forms'
import { check, type Words } from '../config/check'
import { canonical, fromForm, placeOf, toForm } from '../config/convert'
import type { AgentForm } from '../config/types'
import { agentQuery, configOf, readAgent, saveDraft, type Read } from './data'
import { sectionOf, useNewAgentForm, type Section } from './form'

const formOf = ({ agent }: Read): AgentForm => ({
  name: agent.name,
  config: toForm(configOf(agent), agent.secrets_set),
})

export function useDraft(loaded: Read) {
  const { t } = useTranslation('agents')
  const { tenant, may } = useTenant()
  const queries = useQueryClient()
  const words = useWords()
  const [stored, setStored] = useState(loaded)
  const mayWrite = may('agents.write')
  const form = useNewAgentForm({
    mode: 'controlled',
    initialValues: formOf(loaded),
    // Who may only look still goes through all sections.
    enhanceGetInputProps: ({ options }) =>
      mayWrite ? {} : options.type === 'checkbox' ? { disabled: true } : { readOnly: true },
  })
  const [section, setSection] = useState<Section>('conversation')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [theirs, setTheirs] = useState<(Read & { by: string }) | null>(null)

  const base = useMemo(() => canonical(formOf(stored)), [stored])
  const dirty = mayWrite && canonical(form.values) !== base

  const accept = useCallback(
    (next: Read) => {
      setStored(next)
      queries.setQueryData(agentQuery(tenant.id, next.agent.id).queryKey, next)
      void queries.invalidateQueries({ queryKey: ['get', '/api/v1/agents'] })
    },
    [queries, tenant.id],
  )

  const show = (faults: Record<string, string>) => {
    form.setErrors(faults)
    const first = Object.keys(faults)[0]
    if (!first) return
    setSection(sectionOf(first))
    // Its section, and the step of its script, are there after the next rendering.
    setTimeout(() => document.querySelector<HTMLElement>(`[data-path="${first}"]`)?.focus(), 50)
  }

  const refuse = (error: unknown) => {
    const { errors, detail } = asProblem(error)
    const faults = errors.map((fault) => [placeOf(fault.field, form.values.config), fault.detail] as const)
    show(Object.fromEntries(faults))
    // A fault whose input cannot be found is still told.
    const homeless = faults.filter(([place]) => !hasPlace(form.values, place))
    setProblem(
      errors.length === 0
        ? detail
        : homeless.length > 0
          ? homeless.map(([place, text]) => `${place}: ${text}`).join(' ')
          : t('faults', { count: faults.length }),
    )
  }

  /** Saves; `etag` empty overwrites what others saved meanwhile. The new state, or null when it was refused. */
  const save = async (etag = stored.etag): Promise<Read | null> => {
    const faults = check(form.values, words)
    setProblem(null)
    if (Object.keys(faults).length > 0) {
      show(faults)
      setProblem(t('faults', { count: Object.keys(faults).length }))
      return null
    }
    setBusy(true)
    try {
      const saved = await saveDraft(
        stored.agent.id,
        etag,
        form.values.name.trim(),
        fromForm(form.values.config),
      )
      const typed = form.values
      accept(saved)
      form.clearErrors()
      form.setValues(settled(typed, saved))
      setTheirs(null)
      done(t('draftSaved'))
      return saved
    } catch (error) {
      const { status, newer } = asProblem(error)
      if (status !== 412) refuse(error)
      else {
        const read = await readAgent(stored.agent.id).catch(() => null)
        setTheirs(read && { ...read, by: newer?.by ?? '' })
      }
      return null
    } finally {
      setBusy(false)
    }
  }

  const load = (read: Read) => {
    accept(read)
    form.setValues(formOf(read))
    form.clearErrors()
    setProblem(null)
    setTheirs(null)
  }
  return {
    form,
    stored,
    /** Takes over what is stored now; what is typed stays. */
    refresh: accept,
    dirty,
    busy,
    problem,
    section,
    setSection,
    save,
    load,
    theirs,
    dismissTheirs: () => setTheirs(null),
  }
}

export type Draft = ReturnType<typeof useDraft>

/** The form after saving: as stored, in the order in which it was typed. */
function settled(typed: AgentForm, saved: Read): AgentForm {
  const fresh = formOf(saved)
  const before = typed.config.model
  if (fresh.config.model.provider !== 'script' || before.provider !== 'script') return fresh
  const place = (name: string) => before.nodes.findIndex((node) => node.name.trim() === name)
  fresh.config.model.nodes.sort((a, b) => place(a.name) - place(b.name))
  return fresh
}

function hasPlace(values: unknown, path: string): boolean {
  let here = values
  for (const part of path.split('.')) {
    if (typeof here !== 'object' || here === null || !(part in here)) return false
    here = (here as Record<string, unknown>)[part]
  }
  return typeof here !== 'object' || Array.isArray(here)
}

function useWords(): Words {
  const { t } = useTranslation('agents')
  return useMemo(
    () => ({
      required: t('fault.required'),
      name: t('fault.name'),
      twice: t('fault.twice'),
      between: (least, most) => t('fault.between', { least, most }),
      tooLong: (most) => t('fault.tooLong', { most }),
      language: t('fault.language'),
      url: t('fault.url'),
      json: t('fault.json'),
      key: t('fault.key'),
      match: t('fault.match'),
      noNode: t('fault.noNode'),
      noSlot: (slot) => t('fault.noSlot', { slot }),
      choices: t('fault.choices'),
      endPhrase: t('fault.endPhrase'),
      protectedPhrase: t('fault.protectedPhrase'),
      tool: t('fault.tool'),
      voice: t('fault.voice'),
      same: t('fault.same'),
      aboveLeast: t('fault.aboveLeast'),
      belowLongest: t('fault.belowLongest'),
      header: t('fault.header'),
      parameters: t('fault.parameters'),
      takeNothing: t('fault.takeNothing'),
      belowLeast: t('fault.belowLeast'),
      e164: t('fault.e164'),
      sipUri: t('fault.sipUri'),
      phrase: t('fault.phrase'),
    }),
    [t],
  )
}
