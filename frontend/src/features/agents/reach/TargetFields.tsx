/** The form of one transfer target. */
import { Group, SegmentedControl, Select, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { useAgents } from '@/api/choices'
import { KINDS_OF_TARGET, type KindOfTarget, kindOfTarget, type TransferTarget, WAITS } from '../config/reach'
import { Limited } from '../editor/fields'
import { useAgentForm } from '../editor/form'
import { ModeChoice } from './ModeChoice'
import classes from './reach.module.css'

interface TargetProps {
  target: TransferTarget
  place: string
  at: number
}

export function TargetFields({ target, place, at }: TargetProps) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const kind = kindOfTarget(target)
  return (
    <Stack gap="md">
      <TextInput
        label={t('targetName')}
        description={t('targetNameHelp')}
        maw={320}
        maxLength={64}
        data-autofocus
        classNames={{ input: 'tl-mono' }}
        {...form.getInputProps(`${place}.name`)}
      />
      <Textarea
        label={t('targetDescription')}
        description={t('targetDescriptionHelp')}
        autosize
        minRows={2}
        {...form.getInputProps(`${place}.description`)}
      />
      <Kind target={target} place={place} />
      <Address kind={kind} place={place} />
      {kind !== 'agent' && <ModeChoice place={`${place}.mode`} mode={target.mode} />}
      <Textarea label={t('transferMessage')} autosize {...form.getInputProps(`${place}.message`)} />
      {kind !== 'agent' && <Dialing target={target} place={place} at={at} />}
      <Textarea
        label={t('onFailure')}
        description={t('onFailureHelp')}
        autosize
        {...form.getInputProps(`${place}.on_failure`)}
      />
    </Stack>
  )
}

const GIVEN: Record<KindOfTarget, Pick<TransferTarget, KindOfTarget>> = {
  number: { number: '', sip_uri: null, agent: null },
  sip_uri: { number: null, sip_uri: '', agent: null },
  agent: { number: null, sip_uri: null, agent: '' },
}

function Kind({ target, place }: { target: TransferTarget; place: string }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const id = useId()
  return (
    <div role="group" aria-labelledby={id}>
      <Text size="sm" fw={500} id={id} mb={4}>
        {t('targetKind')}
      </Text>
      <SegmentedControl
        fullWidth
        classNames={{ label: classes.kind }}
        value={kindOfTarget(target)}
        onChange={(kind) => form.setFieldValue(place, { ...target, ...GIVEN[kind as KindOfTarget] })}
        data={KINDS_OF_TARGET.map((value) => ({ value, label: t(`targetKinds.${value}`) }))}
      />
    </div>
  )
}

function Address({ kind, place }: { kind: KindOfTarget; place: string }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  if (kind === 'agent') return <AgentChoice place={`${place}.agent`} />
  return kind === 'number' ? (
    <TextInput
      key="number"
      label={t('targetNumber')}
      description={t('targetNumberHelp')}
      type="tel"
      maw={320}
      classNames={{ input: 'tl-mono' }}
      {...form.getInputProps(`${place}.number`)}
    />
  ) : (
    <TextInput
      key="sip"
      label={t('targetSip')}
      description={t('targetSipHelp')}
      classNames={{ input: 'tl-mono' }}
      {...form.getInputProps(`${place}.sip_uri`)}
    />
  )
}

function AgentChoice({ place }: { place: string }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const agents = useAgents()
  const { id: own } = useParams({ strict: false })
  const { value, ...input } = form.getInputProps(place) as { value: string | null }
  const data = (agents.data?.results ?? [])
    .filter(({ id }) => id !== own)
    .map(({ id, name }) => ({ value: id, label: name }))
  if (value && !data.some((one) => one.value === value)) data.push({ value, label: value })
  return (
    <Select
      label={t('targetAgent')}
      description={t('targetAgentHelp')}
      placeholder={t('targetAgentNone')}
      searchable
      data={data}
      {...input}
      value={value || null}
      onChange={(agent) => form.setFieldValue(place, agent ?? '')}
    />
  )
}

/** What only matters when somebody is dialed. */
function Dialing({ target: { mode }, place, at }: TargetProps) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <>
      {mode === 'warm' && (
        <>
          <Textarea
            label={t('briefing')}
            description={t('briefingHelp', { variable: '{{name}}', slot: '{name}' })}
            autosize
            minRows={2}
            {...form.getInputProps(`${place}.briefing`)}
          />
          <TextInput
            label={t('question')}
            description={t('questionHelp')}
            maxLength={200}
            {...form.getInputProps(`${place}.question`)}
          />
        </>
      )}
      <Group align="flex-start" grow preventGrowOverflow={false}>
        {mode !== 'blind' && (
          <Select
            label={t('wait')}
            allowDeselect={false}
            data={WAITS.map((value) => ({ value, label: t(`waits.${value}`) }))}
            {...form.getInputProps(`${place}.wait`)}
          />
        )}
        <Select
          label={t('shownNumber')}
          allowDeselect={false}
          data={(['number', 'caller'] as const).map((value) => ({
            value,
            label: t(`shownNumbers.${value}`),
          }))}
          {...form.getInputProps(`${place}.caller_id`)}
        />
      </Group>
      <Limited
        place={`transfers.${at}.ring_timeout_ms`}
        label={t('ring')}
        description={t('ringHelp')}
        suffix=" ms"
        step={1000}
      />
    </>
  )
}
