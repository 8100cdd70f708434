/** Turns that were found, those of a call together; each leads to its place in the call. */
import { Anchor, Button, Center, Group, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { DirectionIcon, TestBadge } from '@/components/call/badges'
import { duration, Phone, Time } from '@/components/format'
import classes from './search.module.css'
import type { Found, Hit } from './useFound'

export function Hits({ hits, query }: Pick<Found, 'hits' | 'query'>) {
  const { t } = useTranslation(['calls', 'common'])
  return (
    <Stack gap="md">
      <ol className={classes.calls} aria-label={t('transcripts.results')}>
        {byCall(hits).map((some) => (
          <OneCall key={some[0]!.call.id} hits={some} />
        ))}
      </ol>
      {query.hasNextPage && (
        <Center>
          <Button
            variant="default"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t('common:loadMore')}
          </Button>
        </Center>
      )}
    </Stack>
  )
}

/** Hits in their order, each call once. */
export function byCall(hits: readonly Hit[]): Hit[][] {
  const calls = new Map<string, Hit[]>()
  for (const hit of hits) {
    const some = calls.get(hit.call.id)
    if (some) some.push(hit)
    else calls.set(hit.call.id, [hit])
  }
  return [...calls.values()]
}

function OneCall({ hits }: { hits: Hit[] }) {
  const { path } = useTenant()
  const { call } = hits[0]!
  return (
    <li>
      <Group gap="xs" mb={4} style={{ rowGap: 2 }}>
        <DirectionIcon direction={call.direction} />
        <Anchor component={Link} to={path(`calls/${call.id}`)} size="sm" fw={600}>
          <Phone number={call.direction === 'outbound' ? call.to_number : call.from_number} />
        </Anchor>
        <TestBadge test={call.test} />
        <Text span size="sm" c="dimmed">
          <Time at={call.created_at} /> {call.agent_name}
        </Text>
      </Group>
      <ul className={classes.turns}>
        {hits.map((hit) => (
          <OneTurn key={hit.turn} hit={hit} />
        ))}
      </ul>
    </li>
  )
}

function OneTurn({ hit: { call, turn, speaker, start_ms, snippet } }: { hit: Hit }) {
  const { t } = useTranslation(['calls', 'call'])
  const { path } = useTenant()
  return (
    <li>
      <Link
        to={path(`calls/${call.id}`)}
        search={{ turn } as never}
        className={classes.turn}
        data-speaker={speaker}
      >
        <span className={classes.who}>
          {t('transcripts.turnOf', {
            speaker: t(`call:${speaker}`),
            time: duration(Math.max(0, start_ms)),
          })}
        </span>
        <span>
          {snippet.map(({ text, marked }, i) =>
            marked ? (
              <mark key={i} className={classes.mark}>
                {text}
              </mark>
            ) : (
              text
            ),
          )}
        </span>
      </Link>
    </li>
  )
}
