/** The settings of one call hook. */
import { NumberInput, Radio, Stack, Switch, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { asProblem, type Newer, showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { Stale } from '@/components/Stale'
import { type CallHook, type Moment, useWebhooksChanged } from '../data'
import { useFormWords } from '../endpoint/EndpointFields'
import { HeaderFields } from '../endpoint/HeaderFields'
import { headerPlaces } from '../endpoint/values'
import { check, DEADLINE, FALLBACKS, fromForm, type HookForm as Form, toForm } from './values'

export interface Read {
  hook: CallHook
  etag: string
  /** Of one that has just been made: shown this once. */
  secret?: string
}

interface HookFormProps {
  moment: Moment
  /** Null: there is none yet. */
  read: Read | null
  saved: (state: Read) => void
  touch?: () => void
  reload?: () => void
  cancel?: () => void
}

export function HookForm({ moment, read, saved, touch, reload, cancel }: HookFormProps) {
  const { t } = useTranslation(['webhooks', 'common'])
  const { may } = useTenant()
  const changed = useWebhooksChanged()
  const words = { ...useFormWords(), deadline: t('fault.deadline', DEADLINE) }
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [stale, setStale] = useState<Newer | null>(null)
  const form = useForm<Form>({
    initialValues: toForm(read?.hook ?? null),
    validate: (values) => check(values, words),
    onValuesChange: touch,
  })
  const save = async (values: Form, tag: string) => {
    setBusy(true)
    setProblem(null)
    setStale(null)
    try {
      saved(await send(moment, values, tag))
      done(t('hookSaved'))
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
    <form noValidate onSubmit={form.onSubmit((values) => void save(values, read?.etag ?? ''))}>
      <fieldset disabled={!write} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
        <Stack>
          <TextInput
            label={t('url')}
            description={t('hookUrlHelp')}
            placeholder={t('hookUrlHint')}
            type="url"
            maxLength={2000}
            spellCheck={false}
            {...form.getInputProps('url')}
          />
          <NumberInput
            label={t('deadline')}
            description={t('deadlineHelp')}
            suffix={t('ms')}
            min={DEADLINE.least}
            max={DEADLINE.most}
            step={100}
            clampBehavior="none"
            allowDecimal={false}
            maw={280}
            {...form.getInputProps('deadline_ms')}
          />
          <Radio.Group label={t('fallback')} {...form.getInputProps('fallback')}>
            <Stack gap={6} mt={6}>
              {FALLBACKS.map((value) => (
                <Radio
                  key={value}
                  value={value}
                  label={t(`fallbacks.${value}`)}
                  description={t(`fallbackText.${moment}.${value}`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          <HeaderFields form={form} />
          <Switch
            label={t('hookEnabled')}
            description={t('hookEnabledHelp')}
            {...form.getInputProps('enabled', { type: 'checkbox' })}
          />
          {stale && reload && (
            <Stale newer={stale} onKeep={() => void save(form.values, '')} onReload={reload} />
          )}
          <FormProblem text={problem} />
          {write && (
            <FormButtons
              label={read ? t('common:save') : t('hookSetUp')}
              busy={busy}
              cancel={cancel && { label: t('common:cancel'), onClick: cancel }}
            />
          )}
        </Stack>
      </fieldset>
    </form>
  )
}

/** Saves; an empty `etag` overwrites what others saved meanwhile. */
async function send(moment: Moment, values: Form, etag: string): Promise<Read> {
  const { data, response } = await api.PUT('/api/v1/call-hooks/{moment}', {
    params: { path: { moment }, header: etag ? { 'If-Match': etag } : {} },
    body: fromForm(values),
  })
  const hook = data!
  const secret = 'secret' in hook ? hook.secret : undefined
  return { hook, etag: response.headers.get('ETag') ?? '', secret }
}
