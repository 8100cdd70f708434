/** What happened, in order; the notable by default, all of it when asked. */
import { SegmentedControl, Text, UnstyledButton } from '@mantine/core'
import {
  IconAlertTriangle,
  IconArrowsRightLeft,
  IconBroadcast,
  IconDialpad,
  IconFileMusic,
  IconHandStop,
  IconLanguage,
  IconMessage,
  IconNetwork,
  IconPhoneCheck,
  IconPhoneIncoming,
  IconPhoneOff,
  IconPhoneOutgoing,
  IconPlugConnected,
  IconRoute,
  IconSteeringWheel,
  IconTool,
  IconUserQuestion,
  IconUserShare,
  type Icon,
} from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallEvent, EventBody } from '@/api/live'
import { EndReason } from '@/components/call/badges'
import { duration, latency, phone } from '@/components/format'
import { Section } from './Section'
import classes from './call.module.css'
import { placeOf } from './marks'

const PICTURES: Record<EventBody['type'], Icon> = {
  ringing: IconPhoneIncoming,
  answered: IconPhoneCheck,
  forwarded: IconPhoneOutgoing,
  gateway_failed: IconAlertTriangle,
  leg: IconPlugConnected,
  turn: IconMessage,
  partial: IconMessage,
  barge_in: IconHandStop,
  dtmf: IconDialpad,
  tool: IconTool,
  flow: IconRoute,
  transfer: IconArrowsRightLeft,
  handed_over: IconUserShare,
  answered_by: IconUserQuestion,
  language: IconLanguage,
  control: IconSteeringWheel,
  trouble: IconAlertTriangle,
  sip: IconNetwork,
  media: IconBroadcast,
  recording: IconFileMusic,
  ended: IconPhoneOff,
}
/** Shown elsewhere on the page, or too many. */
const ORDINARY: readonly EventBody['type'][] = ['turn', 'sip', 'media', 'partial', 'leg']

const TROUBLES: readonly EventBody['type'][] = ['trouble', 'gateway_failed']

interface EventListProps {
  events: readonly CallEvent[]
  /** ISO time from which the times count. */
  begin: string
  onSeek?: (ms: number) => void
}

export function EventList({ events, begin, onSeek }: EventListProps) {
  const { t } = useTranslation('calls')
  const [all, setAll] = useState(false)
  const shown = events.filter(({ event }) =>
    all ? event.type !== 'partial' : !ORDINARY.includes(event.type),
  )
  const choice = (
    <SegmentedControl
      size="xs"
      aria-label={t('events')}
      value={all ? 'all' : 'notable'}
      onChange={(value) => setAll(value === 'all')}
      data={[
        { value: 'notable', label: t('eventsNotable') },
        { value: 'all', label: t('eventsAll') },
      ]}
    />
  )
  return (
    <Section title={t('events')} end={choice}>
      {shown.length === 0 && (
        <Text c="dimmed" size="sm">
          {t('eventsNone')}
        </Text>
      )}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled with the keyboard */}
      <div className={classes.scroll} tabIndex={0} role="group" aria-label={t('events')}>
        <ol className={classes.events}>
          {shown.map((event) => (
            <Row key={event.seq} event={event} begin={Date.parse(begin)} onSeek={onSeek} />
          ))}
        </ol>
      </div>
    </Section>
  )
}

function Row({
  event: { at, event },
  begin,
  onSeek,
}: {
  event: CallEvent
  begin: number
  onSeek?: (ms: number) => void
}) {
  const { t } = useTranslation('calls')
  const Picture = PICTURES[event.type]
  const place = placeOf(event)
  const since = place ?? Date.parse(at) - begin
  // Half a second before the answer is still at the answer.
  const time = `${since <= -500 ? '−' : ''}${duration(Math.abs(since))}`
  return (
    <li>
      {place !== null && onSeek ? (
        <UnstyledButton
          className="tl-mono"
          fz="inherit"
          mih={24}
          title={t('jumpTo', { time })}
          onClick={() => onSeek(place)}
        >
          {time}
        </UnstyledButton>
      ) : (
        <span className="tl-mono">{time}</span>
      )}
      <Picture
        size={17}
        stroke={1.6}
        aria-hidden
        color={TROUBLES.includes(event.type) ? 'var(--mantine-color-error)' : undefined}
      />
      <span>
        <Text span inherit fw={500}>
          {t(`event_${event.type}`)}
        </Text>{' '}
        <Detail event={event} />
      </span>
    </li>
  )
}

function Detail({ event }: { event: EventBody }) {
  const { t } = useTranslation('calls')
  switch (event.type) {
    case 'ringing':
      return t('event_ringingText', { code: event.sip_code })
    case 'answered':
      return event.codec ? t('event_answeredText', { codec: event.codec }) : null
    case 'forwarded':
      return t('event_forwardedText', { number: phone(event.to_number) })
    case 'gateway_failed':
      return t('event_gateway_failedText', {
        gateway: event.gateway,
        code: event.sip_code,
        reason: event.sip_reason,
      })
    case 'leg':
      return t('event_legText', {
        number: event.leg + 1,
        gateway: event.gateway,
        agent: event.remote_agent,
        codec: event.codec,
      })
    case 'turn':
      return event.text
    case 'barge_in':
      return event.resumed
        ? t('event_barge_inResumed')
        : t('event_barge_inText', { time: latency(event.stop_ms) })
    case 'dtmf':
      if (event.masked) return t('event_dtmfMasked')
      return t(event.direction === 'in' ? 'event_dtmfIn' : 'event_dtmfOut', { digit: event.digit })
    case 'tool':
      return t('event_toolText', {
        name: event.name,
        time: latency(event.took_ms),
        result: event.trouble || event.result,
      })
    case 'flow':
      return event.node
    case 'transfer':
      return t('event_transferText', { state: t(`transfer_${event.state}`), target: event.target })
    case 'handed_over':
      return event.agent_name
    case 'answered_by':
      return t(`answered_by_${event.verdict}`)
    case 'language':
      return t('event_languageText', { before: event.before, language: event.language })
    case 'control':
      return t('event_controlText', { action: t(`control_${event.action}`), by: event.by, text: event.text })
    case 'trouble':
      return t('event_troubleText', { component: event.component, detail: event.detail || event.what })
    case 'sip':
      return <span className="tl-mono">{event.first_line}</span>
    case 'media':
      return t('event_mediaText', { received: event.rx_packets, lost: event.rx_lost })
    case 'recording':
      return t('event_recordingText', { time: duration(event.duration_ms) })
    case 'ended':
      return (
        <>
          <EndReason reason={event.reason} /> {event.detail}
        </>
      )
    case 'partial':
      return null
  }
}
