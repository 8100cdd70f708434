/** What is asked before a call is placed. */
import { Fieldset, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { randomId } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { asProblem, showProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'
import { FormButtons, FormProblem, done } from '@/components/forms'
import { phone } from '@/components/format'
import { TopUpLink } from '@/components/TopUpLink'
import { Estimate } from './Estimate'
import { toE164, variablesOf } from './place'
import { SandboxPhones } from './SandboxPhones'
import classes from './place.module.css'

type Agent = components['schemas']['Agent']
type OwnNumber = components['schemas']['Number']

interface PlaceFormProps {
  /** One at least. */
  numbers: readonly OwnNumber[]
  agents: readonly Agent[]
  /** The id of the agent that stays chosen whatever number is. */
  preset?: string
  onClose: () => void
}

export function PlaceForm({ numbers, agents, preset, onClose }: PlaceFormProps) {
  const { t } = useTranslation(['place', 'common'])
  const { path } = useTenant()
  const navigate = useNavigate()
  const [problem, setProblem] = useState<string | null>(null)
  const [short, setShort] = useState(false)
  // The same wish keeps its key: sending again after a lost answer does not call twice.
  const [sent, setSent] = useState({ wish: '', key: '' })
  const first = numbers.find(({ agent }) => agent === preset) ?? numbers[0]!
  const form = useForm({
    initialValues: {
      from_number: first.e164,
      to_number: '',
      agent: usable(agents, preset ?? first.agent),
      /** Empty: the published one, or the share of another. */
      agent_version: '',
      variables: {} as Record<string, string>,
    },
    validate: {
      from_number: (value) => (value ? null : t('fromMissing')),
      to_number: (value) => (toE164(value) ? null : t('toBad')),
      agent: (value) => (value ? null : t('agentMissing')),
    },
    validateInputOnBlur: true,
  })
  const values = form.getValues()
  const sandbox = numbers.find(({ e164 }) => e164 === values.from_number)?.carrier === 'sandbox'
  const defaults = usePublishedVariables(agents.find(({ id }) => id === values.agent))
  const call = $api.useMutation('post', '/api/v1/calls', {
    onSuccess: (placed) => {
      done(t('placed'))
      onClose()
      void navigate({ to: path(`calls/${placed.id}`) })
    },
    onError: (error) => {
      setShort(asProblem(error).status === 402)
      setProblem(showProblem(form, error))
    },
  })
  const submit = form.onSubmit(({ from_number, to_number, agent, agent_version, variables }) => {
    setProblem(null)
    const given = Object.entries(variables).filter(([name, value]) => name in defaults && value !== '')
    const body = {
      from_number,
      to_number: toE164(to_number)!,
      agent,
      ...(agent_version && { agent_version }),
      variables: Object.fromEntries(given),
    }
    const wish = JSON.stringify(body)
    const key = wish === sent.wish ? sent.key : randomId()
    setSent({ wish, key })
    call.mutate({ body, headers: { 'Idempotency-Key': key } })
  })
  const chooseFrom = (e164: string | null) => {
    form.setFieldValue('from_number', e164 ?? '')
    const own = usable(agents, numbers.find((number) => number.e164 === e164)?.agent)
    if (own && !preset) form.setFieldValue('agent', own)
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <Select
            label={t('from')}
            description={t('fromHint')}
            data={numbers.map(({ e164, label }) => ({
              value: e164,
              label: label ? `${phone(e164)} · ${label}` : phone(e164),
            }))}
            allowDeselect={false}
            searchable={numbers.length > 8}
            required
            {...form.getInputProps('from_number')}
            onChange={chooseFrom}
          />
          <Select
            label={t('agent')}
            description={t('agentHint')}
            data={agents.map(({ id, name, published_version }) => ({
              value: id,
              label: published_version ? name : `${name} · ${t('agentUnpublished')}`,
              disabled: !published_version,
            }))}
            allowDeselect={false}
            searchable
            required
            {...form.getInputProps('agent')}
            onChange={(agent) => form.setValues({ agent: agent ?? '', agent_version: '' })}
          />
        </SimpleGrid>
        <VersionChoice agent={values.agent} {...form.getInputProps('agent_version')} />
        <TextInput
          label={t('to')}
          description={t(sandbox ? 'toSandboxHint' : 'toHint')}
          placeholder="+12025550101"
          type="tel"
          required
          autoFocus
          {...form.getInputProps('to_number')}
        />
        {sandbox && (
          <SandboxPhones
            chosen={toE164(values.to_number)}
            onChoose={(number) => {
              form.setFieldValue('to_number', number)
              form.clearFieldError('to_number')
            }}
          />
        )}
        <Variables
          defaults={defaults}
          values={values.variables}
          errors={form.errors}
          onChange={(variables) => form.setFieldValue('variables', variables)}
        />
        <Estimate
          from_number={values.from_number}
          to_number={toE164(values.to_number)}
          agent={values.agent}
        />
        <Stack className={classes.foot} gap="sm">
          <FormProblem text={problem}>{short && <TopUpLink />}</FormProblem>
          <FormButtons
            label={t('submit')}
            busy={call.isPending}
            cancel={{ label: t('common:cancel'), onClick: onClose }}
          />
        </Stack>
      </Stack>
    </form>
  )
}

interface VersionChoiceProps {
  agent: string
  value?: string
  onChange?: (version: string) => void
  error?: React.ReactNode
}

/** Which version speaks; asked only where there is more than one. */
function VersionChoice({ agent, value, onChange, error }: VersionChoiceProps) {
  const { t } = useTranslation('place')
  const versions = $api.useQuery(
    'get',
    '/api/v1/agents/{id}/versions',
    { params: { path: { id: agent }, query: { limit: 200 } } },
    { enabled: agent !== '' },
  )
  const all = versions.data?.results ?? []
  if (all.length < 2) return null
  return (
    <Select
      label={t('version')}
      placeholder={t('versionPublished')}
      clearable
      error={error}
      data={all.map(({ id, number, note }) => ({
        value: id,
        label: note ? t('versionWithNote', { number, note }) : t('versionNumber', { number }),
      }))}
      value={value || null}
      onChange={(version) => onChange?.(version ?? '')}
    />
  )
}

interface VariablesProps {
  /** By name. Empty: nothing is asked. */
  defaults: Record<string, string>
  values: Record<string, string>
  errors: Record<string, React.ReactNode>
  onChange: (values: Record<string, string>) => void
}

function Variables({ defaults, values, errors, onChange }: VariablesProps) {
  const { t } = useTranslation('place')
  if (Object.keys(defaults).length === 0) return null
  return (
    <Fieldset legend={t('variables')}>
      <Stack gap="xs">
        {Object.entries(defaults).map(([name, value]) => (
          <TextInput
            key={name}
            label={<span className="tl-mono">{name}</span>}
            placeholder={value}
            maxLength={1000}
            value={values[name] ?? ''}
            error={errors[`variables.${name}`]}
            onChange={(event) => onChange({ ...values, [name]: event.currentTarget.value })}
          />
        ))}
      </Stack>
    </Fieldset>
  )
}

/** The agent's id when it can speak, else ''. */
function usable(agents: readonly Agent[], id: string | null | undefined): string {
  return agents.find((agent) => agent.id === id && agent.published_version)?.id ?? ''
}

/** The variables of the version that will speak; of the draft where that is what is published. */
function usePublishedVariables(agent: Agent | undefined): Record<string, string> {
  const version = agent?.published_version?.number
  const changed = agent?.has_unpublished_changes ?? false
  const published = $api.useQuery(
    'get',
    '/api/v1/agents/{id}/versions/{number}',
    { params: { path: { id: agent?.id ?? '', number: version ?? 0 } } },
    { enabled: changed && version !== undefined },
  )
  return variablesOf(changed ? (published.data?.config as Record<string, unknown>) : agent?.config)
}
