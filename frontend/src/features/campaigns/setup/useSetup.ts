/** The draft in the wizard's form, stored by itself while it is typed. */
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem, showProblem } from '@/api/problem'
import { type CampaignChanges, useAccept } from '../data'
import type { Campaign } from '../shared/types'
import { changesOf, faultsOf } from './changes'
import { type SetupForm, useNewSetupForm } from './form'
import { readDraft, storeDraft, type Stored } from './stored'

const PAUSE_MS = 900

const formOf = ({ name, agent, config }: Campaign): SetupForm => ({ name, agent, config })

export type Saving = 'saved' | 'unsaved' | 'saving' | 'refused' | 'conflict'

/** What somebody else has stored meanwhile; `by` is empty when nobody is known. */
export interface Theirs extends Stored {
  by: string
}

export function useSetup(loaded: Stored) {
  const { t } = useTranslation('campaigns')
  const accept = useAccept()
  const { id } = loaded.campaign
  const etag = useRef(loaded.etag)
  const [stored, setStored] = useState(() => formOf(loaded.campaign))
  const form = useNewSetupForm({ mode: 'controlled', initialValues: formOf(loaded.campaign) })
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [theirs, setTheirs] = useState<Theirs | null>(null)
  // What the server (or our own check) refused is not sent again before it is changed.
  const [refused, setRefused] = useState<SetupForm | null>(null)
  const typed = form.values
  const changes = useMemo(() => changesOf(stored, typed), [stored, typed])
  const running = useRef<Promise<boolean> | null>(null)

  const store = async (body: CampaignChanges) => {
    const saved = await storeDraft(id, body, etag.current)
    etag.current = saved.etag
    setRefused(null)
    accept(saved.campaign)
    return formOf(saved.campaign)
  }

  /** After a 412: true when nothing of what the form shows is newer, so that the tag alone was old. */
  const onlyTag = async (by: string): Promise<boolean> => {
    const newer = await readDraft(id)
    if (changesOf(stored, formOf(newer.campaign)) === null) {
      etag.current = newer.etag
      return true
    }
    setTheirs({ ...newer, by })
    return false
  }

  const attempt = async (body: CampaignChanges): Promise<boolean> => {
    try {
      await store(body)
    } catch (error) {
      const { status, newer } = asProblem(error)
      if (status !== 412) throw error
      if (!(await onlyTag(newer?.by ?? ''))) return false
      await store(body)
    }
    // What was typed meanwhile differs from this, and is stored next.
    setStored({ ...typed, name: typed.name.trim() })
    return true
  }

  const refuse = (error: unknown) => {
    setRefused(typed)
    setProblem(showProblem(form, error))
    return false
  }

  const send = async (): Promise<boolean> => {
    if (!changes) return true
    if (theirs) return false
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
      return await attempt(changes)
    } catch (error) {
      return refuse(error)
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

  const show = (next: SetupForm) => {
    setStored(next)
    form.setValues(next)
    form.clearErrors()
    setProblem(null)
    setTheirs(null)
  }

  const takeTheirs = () => {
    if (!theirs) return
    etag.current = theirs.etag
    accept(theirs.campaign)
    show(formOf(theirs.campaign))
  }

  /** Stores what was typed here over theirs; what only they have changed stays as they have it. */
  const keepMine = async () => {
    if (!theirs || !changes) return
    etag.current = theirs.etag
    setBusy(true)
    try {
      show(await store(changes))
    } catch (error) {
      setTheirs(null)
      refuse(error)
    } finally {
      setBusy(false)
    }
  }

  const later = useRef(save)
  useEffect(() => {
    later.current = save
  })
  const waits = changes !== null && refused !== typed && !busy && !theirs
  useEffect(() => {
    if (!waits) return
    const timer = setTimeout(() => void later.current(), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [waits, typed])

  const saving = savingOf({ busy, theirs, changes, refused: refused === typed })
  return { form, save, saving, problem, theirs, takeTheirs, keepMine }
}

interface Standing {
  busy: boolean
  theirs: Theirs | null
  changes: CampaignChanges | null
  refused: boolean
}

export function savingOf({ busy, theirs, changes, refused }: Standing): Saving {
  if (busy) return 'saving'
  if (theirs) return 'conflict'
  if (changes === null) return 'saved'
  return refused ? 'refused' : 'unsaved'
}

export type Setup = ReturnType<typeof useSetup>
