/** One call: what was heard and said, how fast, and what the network did; live while it runs. */
import type { TFunction } from 'i18next'
import { Alert, Grid, Stack } from '@mantine/core'
import { IconBroadcast, IconPlugConnectedX } from '@tabler/icons-react'
import { useParams, useSearch } from '@tanstack/react-router'
import { useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { Page } from '@/components/Page'
import { type Sought, Transcript } from '@/components/call/Transcript'
import type { WaveHandle } from '@/components/call/Wave'
import { phone } from '@/components/format'
import { Failed, Loading } from '@/components/states'
import { AnalysisPanel } from '../after/AnalysisPanel'
import { Notes } from '../after/Notes'
import { ShareButton } from '../after/ShareDialog'
import { Tags } from '../after/Tags'
import { TurnActions } from '../after/TurnActions'
import { WebhookEvents } from '../after/WebhookEvents'
import { AsideRow } from './AsideRow'
import { CallActions } from '../control/CallActions'
import { CallLead } from './CallLead'
import { CallQuality } from './CallQuality'
import { CostOfCall } from './CostOfCall'
import { EventList } from './EventList'
import { Facts, Found } from './Facts'
import { FlowSection } from './FlowSection'
import { FollowUps } from './FollowUps'
import { LadderView } from './LadderView'
import { Player } from './Player'
import { ResponseTimes } from './ResponseTimes'
import { Section } from './Section'
import { Sources } from './Sources'
import { asidesOf } from './story'
import { Transfers } from './Transfers'
import { WhoAnswered } from './WhoAnswered'
import classes from './call.module.css'
import { type CallDetail, useCallDetail, useCallStory } from './useCall'

export function CallPage() {
  const { t } = useTranslation('calls')
  const { path } = useTenant()
  const { id = '' } = useParams({ strict: false })
  const query = useCallDetail(id)
  if (query.data) return <OneCall key={id} call={query.data} />
  // The route's error page: there is no such call, or it is somebody else's.
  if (query.error && asProblem(query.error).status === 404) throw query.error
  return (
    <Page title={t('title')} back={{ to: path('calls'), label: t('backToCalls') }}>
      {query.isError ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Loading rows={12} />
      )}
    </Page>
  )
}

function titleOf(t: TFunction<'calls'>, { direction, from_number, to_number }: CallDetail): string {
  if (direction === 'browser') return t('browserCallTitle')
  return t('callTitle', { from: unbroken(from_number), to: unbroken(to_number) })
}

function OneCall({ call }: { call: CallDetail }) {
  const { t } = useTranslation('calls')
  const { path, may } = useTenant()
  const story = useCallStory(call)
  const player = useRef<WaveHandle>(null)
  const [playingMs, setPlayingMs] = useState<number | null>(null)
  const running = call.state !== 'ended'
  const [sought, setSought] = useSought()
  const asides = useMemo(
    () =>
      asidesOf(story.events).map((aside) => ({
        key: aside.seq,
        atMs: aside.atMs,
        row: <AsideRow aside={aside} />,
      })),
    [story.events],
  )
  // A call that nobody answered has neither words nor sound to show.
  const spoken = running || !!call.answered_at
  const seek = call.recording ? (ms: number) => player.current?.playFrom(ms) : undefined
  const showTurn = (index: number, quote?: string) => {
    setSought({ index, quote })
    const turn = story.turns.find((one) => one.index === index)
    if (turn) player.current?.seek(turn.start_ms)
  }
  return (
    <Page
      title={titleOf(t, call)}
      lead={<CallLead call={call} />}
      back={{ to: path('calls'), label: t('backToCalls') }}
      actions={running ? <CallActions call={call} /> : may('calls.annotate') && <ShareButton call={call} />}
    >
      {running && <Running lost={story.lost} />}
      {!running && <Tags call={call} />}
      <Player ref={player} call={call} events={story.events} onTime={setPlayingMs} />
      {story.error != null && <Failed error={story.error} />}
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="md">
            {spoken && (
              <Section title={t('transcript')}>
                <div className={classes.scroll} data-scrolls>
                  <Transcript
                    turns={story.turns}
                    partials={story.partials}
                    onSeek={seek}
                    playingMs={playingMs}
                    live={running}
                    asides={asides}
                    detail={(turn) => <Sources turn={turn} />}
                    actions={running ? undefined : (turn) => <TurnActions call={call.id} turn={turn} />}
                    sought={sought}
                  />
                </div>
              </Section>
            )}
            <LadderView call={call} events={story.events} loading={story.loading} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="md">
            {!running && spoken && <AnalysisPanel call={call} onTurn={showTurn} />}
            {!running && <Notes call={call} playingMs={playingMs} onSeek={seek} />}
            <WhoAnswered events={story.events} />
            <Transfers events={story.events} />
            <FollowUps call={call} events={story.events} />
            <FlowSection call={call} events={story.events} />
            {spoken && <ResponseTimes turns={story.turns} running={running} onSeek={seek} />}
            {spoken && <Found call={call} />}
            <CostOfCall call={call} />
            {(call.quality.legs.length > 0 || !running) && <CallQuality quality={call.quality} />}
            <WebhookEvents call={call} />
            <EventList events={story.events} begin={call.answered_at ?? call.created_at} onSeek={seek} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={12}>
          <Facts call={call} />
        </Grid.Col>
      </Grid>
    </Page>
  )
}

/** The turn that the address names, until somebody looks for another. */
function useSought() {
  const { turn } = useSearch({ strict: false }) as { turn?: unknown }
  const index = typeof turn === 'number' || typeof turn === 'string' ? Number(turn) : NaN
  return useState<Sought | null>(Number.isInteger(index) ? { index } : null)
}

function Running({ lost }: { lost: boolean }) {
  const { t } = useTranslation('calls')
  return lost ? (
    <Alert color="amber" icon={<IconPlugConnectedX size={18} />} role="alert">
      {t('reconnecting')}
    </Alert>
  ) : (
    <Alert icon={<IconBroadcast size={18} />} py="xs" role="status">
      {t('running')}
    </Alert>
  )
}

/** A number that stays on one line. */
const unbroken = (number: string) => phone(number).replaceAll(' ', '\u00a0')
