/** The recording: both sides as a waveform, what happened as marks on it, and parts that were taken out. */
import { Anchor, Group, Loader, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { type RefObject, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { CallEvent } from '@/api/live'
import { useTenant } from '@/api/session'
import { Wave, type WaveHandle } from '@/components/call/Wave'
import { Redact, Redactions } from '../after/Redact'
import { type Taken, useRedactions } from '../after/redactions'
import { SpanPicker } from '../after/SpanPicker'
import type { Picked } from '../after/span'
import { useNow } from '../useNow'
import { Marks } from './Marks'
import { Section } from './Section'
import { marksOf } from './marks'
import { type CallDetail, recordingComes } from './useCall'

interface PlayerProps {
  ref: RefObject<WaveHandle | null>
  call: CallDetail
  events: readonly CallEvent[]
  /** Where it plays, several times a second; null before the first time. */
  onTime: (ms: number | null) => void
}

export function Player({ ref, call, events, onTime }: PlayerProps) {
  const { t } = useTranslation('calls')
  const taken = useRedactions(call.id)
  const waiting = call.state === 'ended' && !call.recording && !!call.answered_at
  const now = useNow(waiting)
  if (call.recording) return <Recording ref={ref} call={call} events={events} onTime={onTime} taken={taken} />
  const coming = recordingComes(call, now)
  return (
    <Section title={t('recording')}>
      <Group gap="xs">
        {(coming || taken.open) && <Loader size="xs" />}
        <Text c="dimmed" size="sm">
          {taken.open
            ? t('after.redacting')
            : call.state !== 'ended'
              ? t('recordingRunning')
              : t(coming ? 'recordingComing' : call.answered_at ? 'recordingMissing' : 'recordingNone')}
        </Text>
      </Group>
      <Redactions taken={taken} />
    </Section>
  )
}

function Recording({ ref, call, events, onTime, taken }: PlayerProps & { taken: Taken }) {
  const { t } = useTranslation('calls')
  const { tenant } = useTenant()
  const peaks = $api.useQuery(
    'get',
    '/api/v1/calls/{id}/recording/peaks',
    { params: { path: { id: call.id } } },
    { staleTime: Infinity },
  )
  const [picked, setPicked] = useState<Picked | null>(null)
  const durationMs = call.recording!.duration_ms
  // An audio element sends no headers: the address says for which tenant it asks. After a part was taken
  // out the file is another one.
  const url = `/api/v1/calls/${call.id}/recording?tenant=${tenant.id}&version=${taken.version}`
  const download = (
    <Anchor href={url} download={`${call.id}.wav`} size="sm">
      <Group gap={4} component="span" display="inline-flex">
        <IconDownload size={15} aria-hidden />
        {t('download')}
      </Group>
    </Anchor>
  )
  return (
    <Section title={t('recording')} end={download}>
      <Marks
        marks={marksOf(events, durationMs)}
        durationMs={durationMs}
        onSeek={(ms) => ref.current?.playFrom(ms)}
      />
      <Wave
        key={taken.version}
        ref={ref}
        url={url}
        durationMs={durationMs}
        peaks={peaks.isPending || peaks.isFetching ? null : [peaks.data?.left ?? [], peaks.data?.right ?? []]}
        spans={taken.spans}
        over={picked && <SpanPicker picked={picked} durationMs={durationMs} onChange={setPicked} />}
        onTime={onTime}
      />
      <Redact call={call} picked={picked} onPick={setPicked} />
      <Redactions taken={taken} />
      <Text size="xs" c="dimmed" mt={4} visibleFrom="sm">
        {t('spaceHint')}
      </Text>
    </Section>
  )
}
