/** The settings of an endpoint that exists. */
import { Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { asProblem, type Newer, showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { Stale } from '@/components/Stale'
import { Loaded } from '@/components/states'
import { type Endpoint, useWebhooksChanged } from '../data'
import { useEdited } from '@/components/useEdited'
import { EndpointFields, useFormWords } from './EndpointFields'
import { check, type EndpointForm, fromForm, headerPlaces, toForm } from './values'

interface Read {
  endpoint: Endpoint
  etag: string
}

export function EndpointSettings({ id }: { id: string }) {
  const { query, ...edited } = useEdited(['get', '/api/v1/webhooks/{id}', id, 'edited'], () => read(id))
  return (
    <Loaded query={query} rows={8}>
      {(state) => <SettingsForm key={state.etag} read={state} {...edited} />}
    </Loaded>
  )
}

async function read(id: string): Promise<Read> {
  const { data, response } = await api.GET('/api/v1/webhooks/{id}', { params: { path: { id } } })
  return { endpoint: data!, etag: response.headers.get('ETag') ?? '' }
}

interface SettingsFormProps {
  read: Read
  touch: () => void
  saved: (state: Read) => void
  reload: () => void
}

function SettingsForm({ read: { endpoint, etag }, touch, saved, reload }: SettingsFormProps) {
  const { t } = useTranslation('webhooks')
  const { t: common } = useTranslation('common')
  const { may } = useTenant()
  const changed = useWebhooksChanged()
  const words = useFormWords()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [stale, setStale] = useState<Newer | null>(null)
  const form = useForm<EndpointForm>({
    initialValues: toForm(endpoint),
    validate: (values) => check(values, words),
    onValuesChange: touch,
  })
  const save = async (values: EndpointForm, tag: string) => {
    setBusy(true)
    setProblem(null)
    setStale(null)
    try {
      saved(await send(endpoint.id, values, tag))
      done(t('saved'))
      await changed()
    } catch (error) {
      const found = asProblem(error)
      if (found.status === 412) setStale(found.newer ?? { by: '', at: '' })
      else setProblem(showProblem(form, error, headerPlaces(values.headers)))
    } finally {
      setBusy(false)
    }
  }
  const write = may('webhooks.write')
  return (
    <form noValidate onSubmit={form.onSubmit((values) => void save(values, etag))}>
      <fieldset disabled={!write} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
        <Stack gap="lg" maw={820}>
          <EndpointFields form={form} />
          {stale && <Stale newer={stale} onKeep={() => void save(form.values, '')} onReload={reload} />}
          <FormProblem text={problem} />
          {write && <FormButtons label={common('save')} busy={busy} />}
        </Stack>
      </fieldset>
    </form>
  )
}

/** Saves; an empty `etag` overwrites what others saved meanwhile. */
async function send(id: string, values: EndpointForm, etag: string): Promise<Read> {
  const { data, response } = await api.PATCH('/api/v1/webhooks/{id}', {
    params: { path: { id }, header: etag ? { 'If-Match': etag } : {} },
    body: fromForm(values),
  })
  return { endpoint: data!, etag: response.headers.get('ETag') ?? '' }
}
