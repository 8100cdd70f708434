/** Places one call: from one of the tenant's numbers, to a person or a sandbox phone. */
import { Alert, Anchor, Autocomplete, Fieldset, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { randomId } from '@mantine/hooks'
import { IconInfoCircle } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'
import { FormButtons, FormProblem, done } from '@/components/forms'
import { phone } from '@/components/format'
import { Failed, Loading } from '@/components/states'
import { useAgents, useNumbers } from '../options'
import { SANDBOX_PHONES, toE164, variablesOf } from './place'

type Agent = components['schemas']['Agent']
type OwnNumber = components['schemas']['Number']

export function PlaceCall({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('calls')
  const numbers = useNumbers()
  const agents = useAgents()
  const failure = numbers.error ?? agents.error
  return (
    <Modal opened onClose={onClose} title={t('placeTitle')} size="md">
      {failure ? (
        <Failed error={failure} retry={() => void Promise.all([numbers.refetch(), agents.refetch()])} />
      ) : numbers.data && agents.data ? (
        <PlaceForm numbers={numbers.data.results} agents={agents.data.results} onClose={onClose} />
      ) : (
        <Loading rows={3} />
      )}
    </Modal>
  )
}

interface PlaceFormProps {
  numbers: readonly OwnNumber[]
  agents: readonly Agent[]
  onClose: () => void
}

function PlaceForm({ numbers, agents, onClose }: PlaceFormProps) {
  const { t } = useTranslation(['calls', 'common'])
  const { path } = useTenant()
  const navigate = useNavigate()
  const [problem, setProblem] = useState<string | null>(null)
  // The same wish keeps its key: sending again after a lost answer does not call twice.
  const [sent, setSent] = useState({ wish: '', key: '' })
  const first = numbers[0]
  const form = useForm({
    initialValues: {
      from_number: first?.e164 ?? '',
      to_number: '',
      agent: usable(agents, first?.agent),
      variables: {} as Record<string, string>,
    },
    validate: {
      from_number: (value) => (value ? null : t('placeFromMissing')),
      to_number: (value) => (toE164(value) ? null : t('placeToBad')),
      agent: (value) => (value ? null : t('placeAgentMissing')),
    },
    validateInputOnBlur: true,
  })
  const values = form.getValues()
  const from = numbers.find(({ e164 }) => e164 === values.from_number)
  const defaults = usePublishedVariables(agents.find(({ id }) => id === values.agent))
  const call = $api.useMutation('post', '/api/v1/calls', {
    onSuccess: (placed) => {
      done(t('placePlaced'))
      onClose()
      void navigate({ to: path(`calls/${placed.id}`) })
    },
    onError: (error) => setProblem(showProblem(form, error)),
  })
  const submit = form.onSubmit(({ from_number, to_number, agent, variables }) => {
    setProblem(null)
    const given = Object.entries(variables).filter(([name, value]) => name in defaults && value !== '')
    const body = { from_number, to_number: toE164(to_number)!, agent, variables: Object.fromEntries(given) }
    const wish = JSON.stringify(body)
    const key = wish === sent.wish ? sent.key : randomId()
    setSent({ wish, key })
    call.mutate({ body, headers: { 'Idempotency-Key': key } })
  })
  const chooseFrom = (e164: string | null) => {
    form.setFieldValue('from_number', e164 ?? '')
    const own = usable(agents, numbers.find((number) => number.e164 === e164)?.agent)
    if (own) form.setFieldValue('agent', own)
  }
  if (numbers.length === 0) return <NoNumbers />
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <FormProblem text={problem} />
        <Select
          label={t('placeFrom')}
          description={t('placeFromHint')}
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
        <ToField form={form.getInputProps('to_number')} sandbox={from?.carrier === 'sandbox'} />
        <Select
          label={t('placeAgent')}
          description={t('placeAgentHint')}
          data={agents.map(({ id, name, published_version }) => ({
            value: id,
            label: published_version ? name : `${name} · ${t('placeAgentUnpublished')}`,
            disabled: !published_version,
          }))}
          allowDeselect={false}
          searchable
          required
          {...form.getInputProps('agent')}
        />
        {Object.keys(defaults).length > 0 && (
          <Fieldset legend={t('placeVariables')}>
            <Stack gap="xs">
              {Object.entries(defaults).map(([name, value]) => (
                <TextInput
                  key={name}
                  label={<span className="tl-mono">{name}</span>}
                  placeholder={value}
                  maxLength={1000}
                  value={values.variables[name] ?? ''}
                  error={form.errors[`variables.${name}`]}
                  onChange={(event) =>
                    form.setFieldValue('variables', {
                      ...values.variables,
                      [name]: event.currentTarget.value,
                    })
                  }
                />
              ))}
            </Stack>
          </Fieldset>
        )}
        <FormButtons
          label={t('placeSubmit')}
          busy={call.isPending}
          cancel={{ label: t('common:cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}

function ToField({ form, sandbox }: { form: object; sandbox: boolean }) {
  const { t } = useTranslation('calls')
  const words = new Map<string, string>(SANDBOX_PHONES.map(([number, text]) => [number, t(text)]))
  return (
    <Autocomplete
      label={t('placeTo')}
      description={t(sandbox ? 'placeSandboxHint' : 'placeToHint')}
      placeholder="+12025550101"
      inputMode="tel"
      required
      data-autofocus
      data={sandbox ? [{ group: t('sandboxPhones'), items: [...words.keys()] }] : []}
      // All of them stay in sight: what was typed before does not hide the others.
      filter={({ options }) => options}
      renderOption={({ option }) => (
        <div>
          <span className="tl-mono">{phone(option.value)}</span>
          <Text size="xs" c="dimmed">
            {words.get(option.value)}
          </Text>
        </div>
      )}
      maxDropdownHeight={260}
      {...form}
    />
  )
}

function NoNumbers() {
  const { t } = useTranslation('calls')
  const { path } = useTenant()
  return (
    <Alert color="amber" icon={<IconInfoCircle size={18} />}>
      <Stack gap="xs">
        <Text size="sm">{t('placeNoNumbers')}</Text>
        <Anchor component={Link} to={path('numbers')} size="sm">
          {t('placeNumbersLink')}
        </Anchor>
      </Stack>
    </Alert>
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
