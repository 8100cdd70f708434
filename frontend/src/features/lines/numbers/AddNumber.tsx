/** A number more: a free one of the sandbox, or one of the workspace's own carrier. */
import { Alert, Anchor, Modal, Select, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconInfoCircle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { phone } from '@/components/format'
import { useRefresh, useTrunks } from '../data'
import { AgentChoice } from './AgentChoice'
import { type Purpose, PurposeChoice } from './PurposeChoice'
import { bare, isE164 } from './e164'

interface AddNumberProps {
  opened: boolean
  onClose: () => void
  /** The trunk that it comes through, chosen beforehand. */
  trunk?: string
}

export function AddNumber({ opened, onClose, trunk }: AddNumberProps) {
  const { t } = useTranslation('lines')
  return (
    <Modal opened={opened} onClose={onClose} title={t('addNumber')}>
      <AddForm onClose={onClose} trunk={trunk} />
    </Modal>
  )
}

interface Values {
  carrier: 'sandbox' | 'byoc'
  e164: string
  trunk: string | null
  agent: string | null
  purpose: Purpose | null
  label: string
}

function AddForm({ onClose, trunk = '' }: Pick<AddNumberProps, 'onClose' | 'trunk'>) {
  const { t } = useTranslation('lines')
  const { t: common } = useTranslation('common')
  const refresh = useRefresh()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm<Values>({
    initialValues: {
      carrier: trunk ? 'byoc' : 'sandbox',
      e164: '',
      trunk: trunk || null,
      agent: null,
      purpose: null,
      label: '',
    },
    validate: {
      e164: (number, { carrier }) => (carrier === 'byoc' && !isE164(number) ? t('fault.e164') : null),
      trunk: (trunk, { carrier }) => (carrier === 'byoc' && !trunk ? t('fault.trunk') : null),
    },
  })
  const add = $api.useMutation('post', '/api/v1/numbers', {
    onSuccess: (number) => {
      refresh()
      done(t('added', { number: phone(number.e164) }))
      onClose()
    },
    onError: (error) => setProblem(showProblem(form, error)),
  })
  const own = form.values.carrier === 'byoc'
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ carrier, e164, trunk, agent, purpose, label }) => {
        setProblem(null)
        add.mutate({
          body: {
            carrier,
            agent,
            label: label.trim(),
            ...(purpose ? { purpose } : {}),
            ...(carrier === 'byoc' ? { e164: bare(e164), trunk } : {}),
          },
        })
      })}
    >
      <Stack>
        <SegmentedControl
          fullWidth
          aria-label={t('kind')}
          data={[
            { value: 'sandbox', label: t('fromSandbox') },
            { value: 'byoc', label: t('fromCarrier') },
          ]}
          {...form.getInputProps('carrier')}
        />
        <Text size="sm" c="dimmed">
          {own ? t('fromCarrierHelp') : t('fromSandboxHelp')}
        </Text>
        {own && (
          <>
            <TextInput
              label={t('number')}
              description={t('e164Help')}
              type="tel"
              required
              {...form.getInputProps('e164')}
            />
            <TrunkChoice {...form.getInputProps('trunk')} />
          </>
        )}
        <AgentChoice label={t('reaches')} maw="100%" {...form.getInputProps('agent')} />
        <PurposeChoice byItself {...form.getInputProps('purpose')} />
        <TextInput
          label={t('label')}
          description={t('labelHelp')}
          maxLength={200}
          {...form.getInputProps('label')}
        />
        <FormProblem text={problem} />
        <FormButtons
          label={t('addNumber')}
          busy={add.isPending}
          cancel={{ label: common('cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}

interface ChoiceProps {
  value?: string | null
  onChange?: (value: string | null) => void
  error?: React.ReactNode
}

export function TrunkChoice(props: ChoiceProps) {
  const { t } = useTranslation('lines')
  const { path } = useTenant()
  const trunks = useTrunks()
  if (trunks.data?.results.length === 0)
    return (
      <Alert color="amber" icon={<IconInfoCircle size={18} />}>
        {t('needsTrunk')}{' '}
        <Anchor component={Link} to={path('trunks/new')} inherit>
          {t('newTrunk')}
        </Anchor>
      </Alert>
    )
  return (
    <Select
      label={t('trunk')}
      required
      searchable
      data={trunks.data?.results.map(({ id, name }) => ({ value: id, label: name })) ?? []}
      {...props}
    />
  )
}
