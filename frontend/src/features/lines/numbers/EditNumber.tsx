/**
 * What can be changed of a number: its label, what it is for, whom it reaches, a fixed version, its trunk, who
 * takes its calls when no agent can, the name that callees see, whether packets are kept.
 */
import { Modal, Select, Stack, Switch, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { phone } from '@/components/format'
import { type PhoneNumber, useRefresh } from '../data'
import { TrunkChoice } from './AddNumber'
import { AgentChoice } from './AgentChoice'
import { CallerName } from './CallerName'
import { PurposeChoice } from './PurposeChoice'
import { bare, isE164 } from './e164'

export function EditNumber({ number, onClose }: { number: PhoneNumber | null; onClose: () => void }) {
  return (
    <Modal opened={number !== null} onClose={onClose} title={number && phone(number.e164)}>
      {number && <EditForm number={number} onClose={onClose} />}
    </Modal>
  )
}

function EditForm({ number, onClose }: { number: PhoneNumber; onClose: () => void }) {
  const { t } = useTranslation('lines')
  const { t: common } = useTranslation('common')
  const refresh = useRefresh()
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const own = number.carrier === 'byoc'
  const form = useForm({
    initialValues: {
      label: number.label,
      purpose: number.purpose,
      agent: number.agent,
      agent_version: number.agent_version,
      trunk: number.trunk,
      fallback_number: number.fallback_number,
      capture_rtp: number.capture_rtp,
      caller_name: number.caller_name,
    },
    validate: {
      trunk: (trunk) => (own && !trunk ? t('fault.trunk') : null),
      fallback_number: (e164) => (e164.trim() && !isE164(e164) ? t('fault.e164') : null),
    },
  })
  const { agent } = form.values
  const versions = $api.useQuery(
    'get',
    '/api/v1/agents/{id}/versions',
    { params: { path: { id: agent ?? '' }, query: { limit: 200 } } },
    { enabled: agent !== null },
  )
  const save = async ({ trunk, fallback_number, caller_name, ...values }: typeof form.values) => {
    const params = { path: { id: number.id } }
    const body = { ...values, ...(own ? { trunk, fallback_number: bare(fallback_number) } : {}) }
    const name = caller_name.trim()
    setBusy(true)
    setProblem(null)
    try {
      await api.PATCH('/api/v1/numbers/{id}', { params, body })
      if (name !== number.caller_name)
        await api.PUT('/api/v1/numbers/{id}/caller-name', { params, body: { caller_name: name } })
      done(t('numberSaved', { number: phone(number.e164) }))
      onClose()
    } catch (error) {
      setProblem(showProblem(form, error))
    } finally {
      setBusy(false)
      refresh()
    }
  }
  return (
    <form noValidate onSubmit={form.onSubmit((values) => void save(values))}>
      <Stack>
        <TextInput
          label={t('label')}
          description={t('labelHelp')}
          maxLength={200}
          data-autofocus
          {...form.getInputProps('label')}
        />
        <PurposeChoice {...form.getInputProps('purpose')} />
        <AgentChoice
          label={t('reaches')}
          maw="100%"
          {...form.getInputProps('agent')}
          onChange={(id) => form.setValues({ agent: id, agent_version: null })}
        />
        <Select
          label={t('version')}
          description={t('versionHelp')}
          placeholder={t('publishedVersion')}
          clearable
          disabled={agent === null}
          data={
            versions.data?.results.map(({ id, number: n, note }) => ({
              value: id,
              label: note ? t('versionWithNote', { number: n, note }) : t('versionNumber', { number: n }),
            })) ?? []
          }
          {...form.getInputProps('agent_version')}
        />
        {own && (
          <>
            <TrunkChoice {...form.getInputProps('trunk')} />
            <TextInput
              label={t('fallback')}
              description={t('fallbackHelp')}
              type="tel"
              {...form.getInputProps('fallback_number')}
            />
          </>
        )}
        {number.managed && <CallerName number={number} {...form.getInputProps('caller_name')} />}
        <Switch
          label={t('capture')}
          description={t('captureHelp')}
          {...form.getInputProps('capture_rtp', { type: 'checkbox' })}
        />
        <FormProblem text={problem} />
        <FormButtons
          label={common('save')}
          busy={busy}
          cancel={{ label: common('cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}
