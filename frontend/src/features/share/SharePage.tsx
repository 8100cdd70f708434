/** A call as somebody without an account sees it by a link. Nothing here leads into the workspace. */
import { Box, Container, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { IconLinkOff } from '@tabler/icons-react'
import { useParams } from '@tanstack/react-router'
import { type ReactNode, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { Outcome } from '@/components/analysis/Outcome'
import { Values } from '@/components/analysis/Values'
import { type Sought, Transcript } from '@/components/call/Transcript'
import { Wave, type WaveHandle } from '@/components/call/Wave'
import { duration, exactTime, phone } from '@/components/format'
import { Mark } from '@/components/Mark'
import { Page } from '@/components/Page'
import { Empty, Failed, Loading } from '@/components/states'
import { analysisOf, type Shared, useShared } from './data'
import classes from './share.module.css'

export function SharePage() {
  const { t } = useTranslation('share')
  const { token = '' } = useParams({ strict: false })
  const query = useShared(token)
  const gone = query.isError && [404, 410].includes(asProblem(query.error).status)
  return (
    <>
      <header className={classes.head}>
        <Mark />
      </header>
      <Container size={840} py="xl">
        {query.data ? (
          <Call shared={query.data} />
        ) : (
          <Page title={t('title')}>
            {gone ? (
              <Empty icon={IconLinkOff} title={t('goneTitle')} text={t('goneText')} />
            ) : query.isError ? (
              <Failed error={query.error} retry={() => void query.refetch()} />
            ) : (
              <Loading rows={8} />
            )}
          </Page>
        )}
      </Container>
    </>
  )
}

function Call({ shared }: { shared: Shared }) {
  const { t } = useTranslation(['share', 'call'])
  const player = useRef<WaveHandle>(null)
  const [playingMs, setPlayingMs] = useState<number | null>(null)
  const [sought, setSought] = useState<Sought | null>(null)
  const { recording, turns } = shared
  const analysis = analysisOf(shared)
  const showTurn = (index: number, quote?: string) => {
    if (!turns) return
    setSought({ index, quote })
    const turn = turns.find((one) => one.index === index)
    if (turn) player.current?.seek(turn.start_ms)
  }
  return (
    <Page
      title={t('call:callOf', { from: phone(shared.from_number), to: phone(shared.to_number) })}
      lead={<Lead shared={shared} />}
    >
      {recording && (
        <Part title={t('recording')}>
          <Wave
            ref={player}
            url={recording.url}
            durationMs={recording.duration_ms}
            peaks={[recording.peaks?.left ?? [], recording.peaks?.right ?? []]}
            onTime={setPlayingMs}
          />
        </Part>
      )}
      {analysis && (
        <Part title={t('analysis')}>
          <Stack gap="md">
            <Outcome result={analysis} />
            <Values result={analysis} onTurn={turns ? showTurn : undefined} />
          </Stack>
        </Part>
      )}
      {turns && (
        <Part title={t('transcript')}>
          <Transcript
            turns={turns}
            onSeek={recording ? (ms) => player.current?.playFrom(ms) : undefined}
            playingMs={playingMs}
            sought={sought}
          />
        </Part>
      )}
      <Text size="sm" c="dimmed">
        {t('until', { time: exactTime(shared.expires_at) })}
      </Text>
    </Page>
  )
}

function Lead({ shared }: { shared: Shared }) {
  const { t } = useTranslation(['share', 'call'])
  const { workspace, direction, started_at, duration_ms, agent_name } = shared
  return (
    <Group gap="xs" style={{ rowGap: 2 }}>
      <span>{t('from', { workspace })}</span>
      <span>
        {t('facts', {
          direction: t(`call:direction_${direction}`),
          time: exactTime(started_at),
          duration: duration(duration_ms),
        })}
      </span>
      {agent_name && <span>{t('withAgent', { agent: agent_name })}</span>}
    </Group>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper component="section" p="md" aria-label={title}>
      <Title order={2} size="h3" mb="sm">
        {title}
      </Title>
      <Box>{children}</Box>
    </Paper>
  )
}
