/** All settings of a trunk. */
import { Group, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { asProblem, type Newer } from '@/api/problem'
import { useTenant } from '@/api/session'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { Stale } from '@/components/Stale'
import { type Trunk, useRefresh } from '../../data'
import { showFaults, useWords } from '../faults'
import { check, fromForm, toForm, type TrunkForm } from '../values'
import { Access, NameAndDirection, Places } from './access'
import { Failover, Headers, Limits, Media, Numbers } from './calls'

interface Props {
  trunk: Trunk
  etag: string
  onSaved: (trunk: Trunk, etag: string) => void
  onReload: () => void
}

export function TrunkFields({ trunk, etag, onSaved, onReload }: Props) {
  const { t } = useTranslation('lines')
  const { t: common } = useTranslation('common')
  const { may } = useTenant()
  const refresh = useRefresh()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [stale, setStale] = useState<Newer | null>(null)
  const words = useWords()
  const form = useForm<TrunkForm>({
    initialValues: toForm(trunk),
    validate: (values) => check(values, trunk, words),
  })

  const save = async (values: TrunkForm, tag: string) => {
    setBusy(true)
    setProblem(null)
    setStale(null)
    try {
      const { data, response } = await send(values, trunk.id, tag)
      refresh()
      done(t('trunkSaved', { name: data!.name }))
      onSaved(data!, response.headers.get('ETag') ?? '')
    } catch (error) {
      const found = asProblem(error)
      if (found.status === 412) setStale(found.newer ?? { by: '', at: '' })
      else setProblem(showFaults(form, error))
    } finally {
      setBusy(false)
    }
  }
  const broken = Object.keys(form.errors).length
  return (
    <form noValidate onSubmit={form.onSubmit((values) => void save(values, etag))}>
      <fieldset disabled={!may('trunks.write')} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
        <Stack gap="xl">
          <NameAndDirection form={form} />
          <Places form={form} />
          <Access form={form} stored={trunk} />
          <Numbers form={form} />
          <Media form={form} />
          <Limits form={form} />
          <Failover form={form} own={trunk.id} />
          <Headers form={form} />
          {stale && <Stale newer={stale} onKeep={() => void save(form.values, '')} onReload={onReload} />}
          <FormProblem text={problem} />
          {may('trunks.write') && (
            <Group justify="flex-end" gap="md">
              {broken > 0 && (
                <Text size="sm" c="red" role="status">
                  {t('faultsAbove', { count: broken })}
                </Text>
              )}
              <FormButtons label={common('save')} busy={busy} />
            </Group>
          )}
        </Stack>
      </fieldset>
    </form>
  )
}

/** Saves; an empty `etag` overwrites what others saved meanwhile. */
function send(values: TrunkForm, id: string, etag: string) {
  return api.PATCH('/api/v1/trunks/{id}', {
    params: { path: { id }, header: etag ? { 'If-Match': etag } : {} },
    body: fromForm(values),
  })
}
