/** One running call on the wall. */
import { Badge, Button, Group, Paper, Skeleton, Text, Title } from '@mantine/core'
import { IconArrowUpRight, IconEar } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useEffect, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { CallItem, LiveCall } from '@/api/live'
import { useTenant } from '@/api/session'
import { Transcript } from '@/components/call/Transcript'
import { DirectionIcon, EndReason, StateBadge, TestBadge } from '@/components/call/badges'
import type { Turn } from '@/components/call/types'
import { duration, phone } from '@/components/format'
import { CallActions } from '../control/CallActions'
import { useNow } from '../useNow'
import classes from './wall.module.css'

interface LiveCardProps {
  live: LiveCall
  listening: boolean
  onListen: () => void
}

export function LiveCard({ live, listening, onListen }: LiveCardProps) {
  const earlier = useEarlier(live)
  const item = live.item ?? earlier
  const turns = useMemo(() => joined(earlier?.turns ?? [], live.turns), [earlier, live.turns])
  if (!item)
    return (
      <li>
        <Skeleton h={420} />
      </li>
    )
  const ended = live.state === 'ended'
  return (
    <Paper
      component="li"
      p="md"
      className={classes.card}
      data-ended={ended || undefined}
      data-listening={listening || undefined}
    >
      <Head item={item} live={live} listening={listening} />
      <Words>
        <Transcript
          turns={turns}
          partials={(['caller', 'agent'] as const).map((speaker) => ({
            speaker,
            text: live.partials[speaker],
          }))}
          live={!ended}
        />
      </Words>
      <Foot item={{ ...item, state: live.state }} listening={listening} onListen={onListen} />
    </Paper>
  )
}

function Head({ item, live, listening }: { item: CallItem; live: LiveCall; listening: boolean }) {
  const { t } = useTranslation('calls')
  const other = phone(item.direction === 'outbound' ? item.to_number : item.from_number)
  return (
    <div>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Group gap={8} wrap="nowrap" style={{ minWidth: 0 }}>
          <DirectionIcon direction={item.direction} />
          <Title order={2} size="h4" className="tl-mono" style={{ whiteSpace: 'nowrap' }}>
            {other}
          </Title>
          <TestBadge test={item.test} />
        </Group>
        <Ticking item={item} live={live} />
      </Group>
      <Group gap="xs" mt={4}>
        {live.state === 'ended' ? (
          <Badge color="gray">{live.endReason ? <EndReason reason={live.endReason} /> : t('endedNow')}</Badge>
        ) : (
          <StateBadge state={live.state} />
        )}
        {listening && <Badge leftSection={<IconEar size={12} aria-hidden />}>{t('listeningShort')}</Badge>}
        <Text size="sm" c="dimmed" truncate>
          {item.agent_name ?? t('noAgent')}
        </Text>
      </Group>
    </div>
  )
}

function Ticking({ item, live }: { item: CallItem; live: LiveCall }) {
  const now = useNow(live.state !== 'ended')
  const since = Date.parse(item.answered_at ?? item.created_at)
  return (
    <Text span className="tl-mono" size="sm" c={item.answered_at ? undefined : 'dimmed'}>
      {duration(Math.max(0, (live.endedAt ?? now) - since))}
    </Text>
  )
}

/** Follows what is said, unless somebody has scrolled up to read. */
function Words({ children }: { children: React.ReactNode }) {
  const { t } = useTranslation('calls')
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  useEffect(() => {
    if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight
  })
  return (
    <div
      ref={box}
      className={classes.words}
      // Scrolled with the keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="region"
      aria-label={t('transcript')}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < 40
      }}
    >
      {children}
    </div>
  )
}

interface FootProps {
  item: CallItem
  listening: boolean
  onListen: () => void
}

function Foot({ item, listening, onListen }: FootProps) {
  const { t } = useTranslation('calls')
  const { path } = useTenant()
  return (
    <Group gap="xs">
      <Button
        component={Link}
        to={path(`calls/${item.id}`)}
        size="xs"
        variant="default"
        leftSection={<IconArrowUpRight size={15} aria-hidden />}
      >
        {t('open')}
      </Button>
      {item.state !== 'ended' && (
        <CallActions call={item} small listen={{ on: listening, toggle: onListen }} />
      )}
    </Group>
  )
}

/** What the API knows of the call, when we have not heard all of it from the beginning. */
function useEarlier(live: LiveCall) {
  const { data, refetch } = $api.useQuery(
    'get',
    '/api/v1/calls/{id}',
    { params: { path: { id: live.id } } },
    { enabled: live.unseen > 0 || !live.item, staleTime: Infinity },
  )
  const { unseen } = live
  useEffect(() => {
    // Whatever was missed since the last time: read again.
    if (unseen > 0) void refetch()
  }, [unseen, refetch])
  return data
}

/** Both in order, each turn once. */
export function joined(earlier: readonly Turn[], fresh: readonly Turn[]): Turn[] {
  const known = new Set(fresh.map(({ index, speaker }) => `${index} ${speaker}`))
  return [...earlier.filter(({ index, speaker }) => !known.has(`${index} ${speaker}`)), ...fresh].sort(
    (a, b) => a.index - b.index,
  )
}
