/** One call in the list; the whole row opens it. */
import { Badge, Group, Table, Text, Tooltip, VisuallyHidden } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import dayjs from 'dayjs'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallItem } from '@/api/live'
import { useTenant } from '@/api/session'
import { DirectionIcon, EndReason, StateBadge, TestBadge } from '@/components/call/badges'
import { Phone, duration, exactTime, phone as phoneText } from '@/components/format'
import classes from './list.module.css'

interface CallRowProps {
  call: CallItem
  /** Its place in the list, from 0. */
  index: number
  phone: boolean
  active: boolean
}

export const CallRow = memo(function CallRow({ call, index, phone, active }: CallRowProps) {
  const { t } = useTranslation('calls')
  const { path } = useTenant()
  const navigate = useNavigate()
  const to = path(`calls/${call.id}`)
  const open = (event: React.MouseEvent) => {
    if (!(event.target as Element).closest('a')) void navigate({ to })
  }
  const label = t('openCall', { from: phoneText(call.from_number), to: phoneText(call.to_number) })
  return (
    // The link in the row is what keyboards and screen readers use.
    <Table.Tr
      className={classes.row}
      onClick={open}
      data-active={active || undefined}
      aria-rowindex={index + 2}
    >
      {phone ? (
        <PhoneCells call={call} to={to} label={label} />
      ) : (
        <WideCells call={call} to={to} label={label} />
      )}
    </Table.Tr>
  )
})

interface CellsProps {
  call: CallItem
  to: string
  label: string
}

function WideCells({ call, to, label }: CellsProps) {
  return (
    <>
      <Table.Td>
        <Group gap={8} wrap="nowrap">
          <DirectionIcon direction={call.direction} />
          <Link to={to}>
            <When at={call.created_at} />
            <VisuallyHidden>{label}</VisuallyHidden>
          </Link>
        </Group>
      </Table.Td>
      <Table.Td>
        <Phone number={call.from_number} />
      </Table.Td>
      <Table.Td>
        <Phone number={call.to_number} />
      </Table.Td>
      <Table.Td>
        <Group gap={6} wrap="nowrap">
          <Text span inherit truncate>
            {call.agent_name ?? '–'}
          </Text>
          <Tags tags={call.tags} />
        </Group>
      </Table.Td>
      <Table.Td>
        <Group gap={8} wrap="nowrap">
          <Outcome call={call} />
          <Answerer call={call} />
          <TestBadge test={call.test} />
        </Group>
      </Table.Td>
      <Table.Td ta="right" className="tl-mono">
        {call.answered_at && call.ended_at ? duration(call.duration_ms) : '–'}
      </Table.Td>
    </>
  )
}

function PhoneCells({ call, to, label }: CellsProps) {
  const other = call.direction === 'outbound' ? call.to_number : call.from_number
  return (
    <>
      <Table.Td>
        <Group gap={10} wrap="nowrap">
          <DirectionIcon direction={call.direction} />
          <div style={{ minWidth: 0 }}>
            <Link to={to} className={classes.two}>
              <Phone number={other} />
              <VisuallyHidden>{label}</VisuallyHidden>
            </Link>
            <Text size="xs" c="dimmed" truncate>
              <When at={call.created_at} /> {call.agent_name}
            </Text>
          </div>
        </Group>
      </Table.Td>
      <Table.Td ta="right">
        <Text size="sm" className={classes.two} span>
          <Outcome call={call} />
        </Text>
        <Text size="xs" c="dimmed" className="tl-mono">
          {call.answered_at && call.ended_at ? duration(call.duration_ms) : '–'}
        </Text>
      </Table.Td>
    </>
  )
}

function Outcome({ call }: { call: CallItem }) {
  if (call.state !== 'ended') return <StateBadge state={call.state} />
  return <EndReason reason={call.end_reason} words={call.end_words} />
}

/** Only what is worth a word: that a person answered is the rule. */
function Answerer({ call }: { call: CallItem }) {
  const { t } = useTranslation('calls')
  const { answered_by } = call
  if (!answered_by || answered_by === 'human' || answered_by === 'unknown') return null
  return (
    <Badge color="amber" size="sm">
      {t(`answered_by_${answered_by}`)}
    </Badge>
  )
}

const SHOWN_TAGS = 2

function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null
  const more = tags.length - SHOWN_TAGS
  return (
    <Tooltip label={tags.join(', ')}>
      <Group gap={4} wrap="nowrap">
        {tags.slice(0, SHOWN_TAGS).map((tag) => (
          <Badge key={tag} color="gray" size="sm" tt="none" maw={90}>
            {tag}
          </Badge>
        ))}
        {more > 0 && (
          <Text span size="xs" c="dimmed">
            {`+${more}`}
          </Text>
        )}
      </Group>
    </Tooltip>
  )
}

/** Today the time, else the day as well; all of it when pointed at. */
function When({ at }: { at: string }) {
  const moment = dayjs(at)
  const text = moment.isSame(dayjs(), 'day')
    ? moment.format('HH:mm:ss')
    : moment.format(moment.isSame(dayjs(), 'year') ? 'D MMM, HH:mm' : 'D MMM YYYY, HH:mm')
  return (
    <Tooltip label={exactTime(at)}>
      <time dateTime={at} className="tl-mono">
        {text}
      </time>
    </Tooltip>
  )
}
