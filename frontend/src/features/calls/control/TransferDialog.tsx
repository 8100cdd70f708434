/** Hands the caller of a running call on: to one of the agent's targets, a number, an address, another agent. */
import { Modal, SegmentedControl, Select, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { CallItem } from '@/api/live'
import { showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { FormButtons, FormProblem, done } from '@/components/forms'

const WHERE = ['target', 'number', 'sip_uri', 'agent'] as const
const MODES = ['bridge', 'blind', 'warm', 'conference'] as const

export interface Wish {
  where: (typeof WHERE)[number]
  target: string
  number: string
  sip_uri: string
  agent: string
  mode: (typeof MODES)[number]
  message: string
}

export function TransferDialog({ call, onClose }: { call: CallItem; onClose: () => void }) {
  const { t } = useTranslation(['calls', 'common'])
  const [problem, setProblem] = useState<string | null>(null)
  const targets = useTargets(call)
  const agents = useAgents()
  const form = useForm<Wish>({
    initialValues: {
      where: 'target',
      target: '',
      number: '',
      sip_uri: '',
      agent: '',
      mode: 'bridge',
      message: '',
    },
    validate: (values) => (values[values.where].trim() ? {} : { [values.where]: t('control.whereMissing') }),
  })
  const transfer = $api.useMutation('post', '/api/v1/calls/{id}/transfer', {
    onSuccess: () => {
      done(t('control.transferDone'))
      onClose()
    },
    onError: (error) => setProblem(showProblem(form, error)),
  })
  const { where } = form.values
  // Without targets of its own the agent can still be told a number.
  const shown = where === 'target' && targets.known && targets.names.length === 0 ? 'number' : where
  return (
    <Modal opened onClose={onClose} title={t('control.transfer')}>
      <form
        noValidate
        onSubmit={(event) => {
          if (shown !== where) form.setFieldValue('where', shown)
          form.onSubmit((values) => {
            setProblem(null)
            transfer.mutate({ params: { path: { id: call.id } }, body: wishOf({ ...values, where: shown }) })
          })(event)
        }}
      >
        <Stack>
          <FormProblem text={problem} />
          <SegmentedControl
            aria-label={t('control.where')}
            fullWidth
            size="xs"
            value={shown}
            onChange={(value) => form.setFieldValue('where', value as Wish['where'])}
            data={WHERE.filter((kind) => kind !== 'target' || !targets.known || targets.names.length > 0).map(
              (value) => ({ value, label: t(`control.where_${value}`) }),
            )}
          />
          {shown === 'target' && (
            <Select
              label={t('control.where_target')}
              data={targets.names}
              {...form.getInputProps('target')}
            />
          )}
          {shown === 'number' && (
            <TextInput type="tel" label={t('control.where_number')} {...form.getInputProps('number')} />
          )}
          {shown === 'sip_uri' && (
            <TextInput label={t('control.where_sip_uri')} {...form.getInputProps('sip_uri')} />
          )}
          {shown === 'agent' && (
            <Select
              label={t('control.where_agent')}
              searchable
              data={agents.filter(({ value }) => value !== call.agent)}
              {...form.getInputProps('agent')}
            />
          )}
          {(shown === 'number' || shown === 'sip_uri') && (
            <Select
              label={t('control.mode')}
              allowDeselect={false}
              data={MODES.map((value) => ({ value, label: t(`control.mode_${value}`) }))}
              {...form.getInputProps('mode')}
            />
          )}
          {shown !== 'target' && (
            <Textarea
              label={t('control.message')}
              description={t('control.messageHelp')}
              autosize
              {...form.getInputProps('message')}
            />
          )}
          <Text size="sm" c="dimmed">
            {t('control.transferHelp')}
          </Text>
          <FormButtons
            label={t('control.transfer')}
            busy={transfer.isPending}
            cancel={{ label: t('common:cancel'), onClick: onClose }}
          />
        </Stack>
      </form>
    </Modal>
  )
}

/** What the API is told. People write numbers with spaces. */
export function wishOf({ where, mode, message, ...wish }: Wish) {
  if (where === 'target') return { target: wish.target }
  const said = message.trim() ? { message: message.trim() } : {}
  if (where === 'agent') return { agent: wish.agent, ...said }
  if (where === 'number') return { number: wish.number.replace(/[\s()-]/g, ''), mode, ...said }
  return { sip_uri: wish.sip_uri.trim(), mode, ...said }
}

/** The names of the transfer targets of the version that speaks. */
function useTargets(call: CallItem): { names: string[]; known: boolean } {
  const { may } = useTenant()
  const id = call.agent ?? ''
  const enabled = may('agents.read') && id !== ''
  const fixed = !!call.agent_version
  const versions = $api.useQuery(
    'get',
    '/api/v1/agents/{id}/versions',
    { params: { path: { id }, query: { limit: 200 } } },
    { enabled: enabled && fixed },
  )
  const agent = $api.useQuery(
    'get',
    '/api/v1/agents/{id}',
    { params: { path: { id } } },
    { enabled: enabled && !fixed },
  )
  const version = versions.data?.results.find((one) => one.id === call.agent_version)
  const config = (fixed ? version?.config : agent.data?.config) as
    { transfers?: { name: string }[] } | undefined
  return { names: config?.transfers?.map(({ name }) => name) ?? [], known: !enabled || config !== undefined }
}

function useAgents() {
  const { may } = useTenant()
  const agents = $api.useQuery(
    'get',
    '/api/v1/agents',
    { params: { query: { limit: 200 } } },
    { enabled: may('agents.read') },
  )
  return (agents.data?.results ?? [])
    .filter(({ published_version }) => published_version !== null)
    .map(({ id, name }) => ({ value: id, label: name }))
}
