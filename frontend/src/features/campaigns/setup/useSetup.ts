/** The draft in the wizard's form, stored by itself while it is typed. */
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showProblem } from '@/api/problem'
import { changeCampaign, useAccept } from '../data'
import type { Campaign } from '../shared/types'
import { changesOf, faultsOf } from './changes'
import { type SetupForm, useNewSetupForm } from './form'

const PAUSE_MS = 900

const formOf = ({ name, agent, config }: Campaign): SetupForm => ({ name, agent, config })

export type Saving = 'saved' | 'unsaved' | 'saving' | 'refused'

export function useSetup(loaded: Campaign) {
  const { t } = useTranslation('campaigns')
  const accept = useAccept()
  const [stored, setStored] = useState(() => formOf(loaded))
  const form = useNewSetupForm({ mode: 'controlled', initialValues: formOf(loaded) })
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  // What the server (or our own check) refused is not sent again before it is changed.
  const [refused, setRefused] = useState<SetupForm | null>(null)
  const typed = form.values
  const changes = useMemo(() => changesOf(stored, typed), [stored, typed])
  const running = useRef<Promise<boolean> | null>(null)

  const send = async (): Promise<boolean> => {
    if (!changes) return true
    const faults = faultsOf(typed, {
      required: t('fault.required'),
      windowDays: t('fault.windowDays'),
      windowOrder: t('fault.windowOrder'),
    })
    form.setErrors(faults)
    setProblem(null)
    if (Object.keys(faults).length > 0) {
      setRefused(typed)
      return false
    }
    setBusy(true)
    try {
      const saved = await changeCampaign(loaded.id, changes)
      // What was typed meanwhile differs from this, and is stored next.
      setStored({ ...typed, name: typed.name.trim() })
      setRefused(null)
      accept(saved)
      return true
    } catch (error) {
      setRefused(typed)
      setProblem(showProblem(form, error))
      return false
    } finally {
      setBusy(false)
    }
  }

  /** Stores what is typed now; false when it was refused, and its fields say why. */
  const save = async (): Promise<boolean> => {
    if (running.current) await running.current
    running.current = send()
    try {
      return await running.current
    } finally {
      running.current = null
    }
  }

  const later = useRef(save)
  useEffect(() => {
    later.current = save
  })
  const waits = changes !== null && refused !== typed && !busy
  useEffect(() => {
    if (!waits) return
    const timer = setTimeout(() => void later.current(), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [waits, typed])

  const saving: Saving = busy
    ? 'saving'
    : changes === null
      ? 'saved'
      : refused === typed
        ? 'refused'
        : 'unsaved'
  return { form, save, saving, problem }
}

export type Setup = ReturnType<typeof useSetup>
