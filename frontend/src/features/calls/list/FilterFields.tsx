import { MultiSelect, Select, SimpleGrid, TextInput } from '@mantine/core'
import { DatePickerInput } from '@mantine/dates'
import { useDebouncedCallback, useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call as callTexts } from '@/components/call/texts'
import { phone } from '@/components/format'
import { useTags } from '../after/tags'
import type { Filters } from '../filters'
import { useAgents, useNumbers, useTrunks } from '@/api/choices'
import { useTenant } from '@/api/session'

interface FieldsProps {
  filters: Filters
  onChange: (filters: Filters) => void
}

type StateKey = 'queued' | 'dialing' | 'ringing' | 'in_progress' | 'ended'
const ANSWERERS = ['human', 'machine', 'screening', 'menu', 'unknown'] as const
const STATES: StateKey[] = ['queued', 'dialing', 'ringing', 'in_progress', 'ended']
const REASONS = Object.keys(callTexts)
  .filter((key): key is keyof typeof callTexts & `end_${string}` => key.startsWith('end_'))
  .map((key) => key.slice('end_'.length))

export function FilterFields({ filters, onChange }: FieldsProps) {
  const { t } = useTranslation(['calls', 'call'])
  const set = (change: Partial<Filters>) => onChange({ ...filters, ...change })
  const reason = (name: string) => t(`call:end_${name}` as 'call:end_busy')
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm" verticalSpacing="xs">
      <WhenField filters={filters} set={set} />
      <MultiSelect
        label={t('state')}
        placeholder={filters.state.length ? undefined : t('anyState')}
        data={STATES.map((value) => ({ value, label: t(`call:state_${value}`) }))}
        value={filters.state}
        onChange={(state) => set({ state })}
        clearable
      />
      <MultiSelect
        label={t('outcome')}
        placeholder={filters.end_reason.length ? undefined : t('anyOutcome')}
        data={REASONS.map((value) => ({ value, label: reason(value) }))}
        value={filters.end_reason}
        onChange={(end_reason) => set({ end_reason })}
        searchable
        clearable
        maxDropdownHeight={280}
      />
      <Select
        label={t('direction')}
        placeholder={t('anyDirection')}
        data={(['inbound', 'outbound', 'browser'] as const).map((value) => ({
          value,
          label: t(`call:direction_${value}`),
        }))}
        value={filters.direction || null}
        onChange={(direction) => set({ direction: direction ?? '' })}
        clearable
      />
      <MultiSelect
        label={t('answeredBy')}
        placeholder={filters.answered_by.length ? undefined : t('anybody')}
        data={ANSWERERS.map((value) => ({ value, label: t(`answered_by_${value}`) }))}
        value={filters.answered_by}
        onChange={(answered_by) => set({ answered_by })}
        clearable
      />
      <AgentField filters={filters} set={set} />
      <NumberField filters={filters} set={set} />
      <TrunkField filters={filters} set={set} />
      <Select
        label={t('kind')}
        placeholder={t('anyKind')}
        data={[
          { value: 'false', label: t('real') },
          { value: 'true', label: t('testCalls') },
        ]}
        value={filters.test || null}
        onChange={(test) => set({ test: test ?? '' })}
        clearable
      />
      <TagField filters={filters} set={set} />
      <Select
        label={t('success')}
        placeholder={t('anySuccess')}
        data={(['true', 'false'] as const).map((value) => ({ value, label: t(`success_${value}`) }))}
        value={filters.success || null}
        onChange={(success) => set({ success: success ?? '' })}
        clearable
      />
      <LabelField key={`topic${filters.topic}`} name="topic" filters={filters} set={set} />
      <LabelField key={`flag${filters.flag}`} name="flag" filters={filters} set={set} />
      <SimpleGrid cols={2} spacing="xs">
        <Seconds
          key={`min${filters.min_s}`}
          label={t('minSeconds')}
          value={filters.min_s}
          onChange={(min_s) => set({ min_s })}
        />
        <Seconds
          key={`max${filters.max_s}`}
          label={t('maxSeconds')}
          value={filters.max_s}
          onChange={(max_s) => set({ max_s })}
        />
      </SimpleGrid>
    </SimpleGrid>
  )
}

interface FieldProps {
  filters: Filters
  set: (change: Partial<Filters>) => void
}

function WhenField({ filters, set }: FieldProps) {
  const { t } = useTranslation('calls')
  const [between, setBetween] = useState(!!(filters.after || filters.before) && !filters.days)
  const value = between ? 'between' : filters.days || null
  const choose = (choice: string | null) => {
    setBetween(choice === 'between')
    if (choice !== 'between') set({ days: choice ?? '', after: '', before: '' })
    else set({ days: '' })
  }
  return (
    <>
      <Select
        label={t('when')}
        placeholder={t('anyTime')}
        data={[
          { value: '1', label: t('today') },
          ...['7', '30', '90'].map((days) => ({
            value: days,
            label: t('lastDays', { count: Number(days) }),
          })),
          { value: 'between', label: t('between') },
        ]}
        value={value}
        onChange={choose}
        clearable
      />
      {between && (
        <SimpleGrid cols={2} spacing="xs">
          <DatePickerInput
            label={t('fromDay')}
            value={filters.after || null}
            maxDate={filters.before || undefined}
            onChange={(after) => set({ after: after ?? '' })}
            valueFormat="D MMM YYYY"
            clearable
          />
          <DatePickerInput
            label={t('toDay')}
            value={filters.before || null}
            minDate={filters.after || undefined}
            onChange={(before) => set({ before: before ?? '' })}
            valueFormat="D MMM YYYY"
            clearable
          />
        </SimpleGrid>
      )}
    </>
  )
}

function AgentField({ filters, set }: FieldProps) {
  const { t } = useTranslation('calls')
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, 250)
  const all = useAgents()
  // The field shows the chosen agent's name as its search: only what is typed beyond that is asked for.
  const known = all.data?.results.some(({ name }) => name === search) ?? false
  const found = useAgents(known ? '' : search)
  const rows = [...(found.data?.results ?? []), ...(all.data?.results ?? [])]
  const data = [...new Map(rows.map(({ id, name }) => [id, { value: id, label: name }])).values()]
  if (filters.agent && !data.some(({ value }) => value === filters.agent))
    data.push({ value: filters.agent, label: filters.agent })
  return (
    <Select
      label={t('agent')}
      placeholder={t('anyAgent')}
      data={data}
      value={filters.agent || null}
      onChange={(agent) => set({ agent: agent ?? '' })}
      onSearchChange={setTyped}
      nothingFoundMessage={t('noAgents')}
      searchable
      clearable
    />
  )
}

function NumberField({ filters, set }: FieldProps) {
  const { t } = useTranslation('calls')
  const numbers = useNumbers()
  const data = (numbers.data?.results ?? []).map(({ id, e164 }) => ({ value: id, label: phone(e164) }))
  if (filters.number && !data.some(({ value }) => value === filters.number))
    data.push({ value: filters.number, label: filters.number })
  return (
    <Select
      label={t('number')}
      placeholder={t('anyNumber')}
      data={data}
      value={filters.number || null}
      onChange={(number) => set({ number: number ?? '' })}
      searchable
      clearable
    />
  )
}

function TagField({ filters, set }: FieldProps) {
  const { t } = useTranslation('calls')
  const data = useTags()
  return (
    <Select
      label={t('tag')}
      placeholder={t('anyTag')}
      data={filters.tag && !data.includes(filters.tag) ? [...data, filters.tag] : data}
      value={filters.tag || null}
      onChange={(tag) => set({ tag: tag ?? '' })}
      searchable
      clearable
    />
  )
}

/** Topics and rules are named by each agent: also what past calls had can be typed. */
function LabelField({ name, filters, set }: FieldProps & { name: 'topic' | 'flag' }) {
  const { t } = useTranslation('calls')
  const [text, setText] = useState(filters[name])
  const later = useDebouncedCallback((value: string) => set({ [name]: value.trim() }), 500)
  return (
    <TextInput
      label={t(name)}
      placeholder={t(`any_${name}`)}
      maxLength={80}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value)
        later(event.currentTarget.value)
      }}
    />
  )
}

/** Only for those who have trunks, or came here to see the calls of one. */
function TrunkField({ filters, set }: FieldProps) {
  const { t } = useTranslation('calls')
  const trunks = useTrunks(useTenant().may('trunks.read'))
  const data = (trunks.data?.results ?? []).map(({ id, name }) => ({ value: id, label: name }))
  if (filters.trunk && !data.some(({ value }) => value === filters.trunk))
    data.push({ value: filters.trunk, label: filters.trunk })
  if (data.length === 0) return null
  return (
    <Select
      label={t('trunk')}
      placeholder={t('anyTrunk')}
      data={data}
      value={filters.trunk || null}
      onChange={(trunk) => set({ trunk: trunk ?? '' })}
      searchable
      clearable
    />
  )
}

function Seconds({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (s: string) => void
}) {
  const { t } = useTranslation('calls')
  const [text, setText] = useState(value)
  const good = /^\d{0,6}$/.test(text)
  const later = useDebouncedCallback(onChange, 500)
  const type = (seconds: string) => {
    setText(seconds)
    if (/^\d{0,6}$/.test(seconds)) later(seconds)
  }
  return (
    <TextInput
      label={label}
      inputMode="numeric"
      value={text}
      error={good ? undefined : t('badSeconds')}
      onChange={(event) => type(event.currentTarget.value)}
    />
  )
}
