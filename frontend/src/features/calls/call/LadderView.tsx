/** The SIP messages of the call, drawn: lifelines from left to right, time from top to bottom. */
import { Anchor, Group, Text, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallEvent } from '@/api/live'
import { useTenant } from '@/api/session'
import { Loading } from '@/components/states'
import { Section } from './Section'
import classes from './call.module.css'
import { type Arrow, US, ladder, offset } from './ladder'
import type { CallDetail } from './useCall'

interface LadderViewProps {
  call: CallDetail
  events: readonly CallEvent[]
  loading: boolean
}

export function LadderView({ call, events, loading }: LadderViewProps) {
  const { t } = useTranslation('calls')
  const { lanes, arrows } = useMemo(() => ladder(events), [events])
  const [chosen, choose] = useState<number | null>(null)
  const legs = new Set(arrows.map(({ leg }) => leg)).size
  const open = arrows.find(({ seq }) => seq === chosen)
  const names = lanes.map((lane) => (lane === US ? t('ladderUs') : lane))
  /** In percent of the width; the outermost lanes stand a little inside. */
  const place = (lane: number) => 14 + (lane * 72) / Math.max(1, lanes.length - 1)
  if (arrows.length === 0)
    return (
      <Section title={t('ladder')}>
        {loading ? (
          <Loading rows={3} />
        ) : (
          <Text c="dimmed" size="sm">
            {t('ladderNone')}
          </Text>
        )}
      </Section>
    )
  return (
    <Section title={t('ladder')} end={<Download call={call} />}>
      <div className={classes.ladder}>
        <div className={classes.lanes}>
          <span />
          <div className={classes.field} style={{ height: 34 }}>
            {names.map((name, lane) => (
              <span key={lanes[lane]} className={classes.lane} style={{ left: `${place(lane)}%` }}>
                {name}
              </span>
            ))}
          </div>
        </div>
        {arrows.map((arrow) => (
          <Rung
            key={arrow.seq}
            arrow={arrow}
            legs={legs}
            names={names}
            place={place}
            chosen={arrow.seq === chosen}
            onChoose={() => choose(arrow.seq === chosen ? null : arrow.seq)}
          />
        ))}
      </div>
      <Text size="sm" c="dimmed" mt="sm" mb={open ? 'xs' : 0} aria-live="polite">
        {open ? t('ladderMessage') : t('ladderPick')}
      </Text>
      {open && <Message arrow={open} />}
    </Section>
  )
}

/** The packets of the call: SIP, and the audio when the number's calls are captured. */
function Download({ call }: { call: CallDetail }) {
  const { t } = useTranslation('calls')
  const { tenant } = useTenant()
  return (
    <Anchor
      href={`/api/v1/calls/${call.id}/pcap?tenant=${tenant.id}`}
      download={`${call.id}.pcap`}
      size="sm"
      title={t(call.capture ? 'pcapWithAudio' : 'pcapSip')}
    >
      <Group gap={4} component="span" display="inline-flex">
        <IconDownload size={15} aria-hidden />
        {t('pcap')}
      </Group>
    </Anchor>
  )
}

function Message({ arrow }: { arrow: Arrow }) {
  const { t } = useTranslation('calls')
  return (
    <>
      <Text size="xs" c="dimmed" mb={4} className="tl-mono">
        {`${arrow.at.replace('T', ' ')} · ${arrow.local || t('ladderUs')} · ${arrow.peer} · ${arrow.transport.toUpperCase()}`}
      </Text>
      {/* Focusable: a long message is scrolled with the keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={classes.message} tabIndex={0} aria-label={arrow.label}>
        {arrow.text}
      </pre>
      {arrow.cut && (
        <Text size="xs" c="dimmed" mt={4}>
          {t('ladderCut')}
        </Text>
      )}
    </>
  )
}

interface RungProps {
  arrow: Arrow
  /** How many legs the call has. */
  legs: number
  names: string[]
  place: (lane: number) => number
  chosen: boolean
  onChoose: () => void
}

function Rung({ arrow, legs, names, place, chosen, onChoose }: RungProps) {
  const { t } = useTranslation('calls')
  const [left, right] = [place(arrow.from), place(arrow.to)].sort((a, b) => a - b) as [number, number]
  return (
    <UnstyledButton
      className={classes.rung}
      data-kind={arrow.kind}
      data-again={arrow.retransmission || undefined}
      data-chosen={chosen || undefined}
      aria-expanded={chosen}
      onClick={onChoose}
    >
      <Text span size="xs" c="dimmed" className="tl-mono">
        {offset(arrow.offsetMs)}
        {legs > 1 && arrow.newLeg && (
          <Text span inherit display="block">
            {t('legTitle', { number: arrow.leg + 1 })}
          </Text>
        )}
      </Text>
      <span className={classes.field}>
        {names.map((_, lane) => (
          <span key={lane} className={classes.lifeline} style={{ left: `${place(lane)}%` }} />
        ))}
        <span
          className={classes.label}
          style={{ left: `${(left + right) / 2}%`, maxWidth: `${right - left}%` }}
        >
          {arrow.retransmission ? t('ladderAgain', { message: arrow.label }) : arrow.label}
          <VisuallyHidden>
            {t('ladderArrow', { from: names[arrow.from] ?? '', to: names[arrow.to] ?? '' })}
          </VisuallyHidden>
        </span>
        <span
          className={classes.arrow}
          data-to={place(arrow.to) > place(arrow.from) ? 'right' : 'left'}
          style={{ left: `${left}%`, width: `${right - left}%` }}
        />
      </span>
    </UnstyledButton>
  )
}
