/** The SIP messages of the call, drawn: lifelines from left to right, time from top to bottom. */
import { Text, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallEvent } from '@/api/live'
import { Loading } from '@/components/states'
import { Section } from './Section'
import classes from './call.module.css'
import { type Arrow, US, ladder, offset } from './ladder'

export function LadderView({ events, loading }: { events: readonly CallEvent[]; loading: boolean }) {
  const { t } = useTranslation('calls')
  const { lanes, arrows } = useMemo(() => ladder(events), [events])
  const [chosen, choose] = useState<number | null>(null)
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
    <Section title={t('ladder')}>
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
      {open && (
        // Focusable: a long message is scrolled with the keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <pre className={classes.message} tabIndex={0} aria-label={open.label}>
          {open.text}
        </pre>
      )}
    </Section>
  )
}

interface RungProps {
  arrow: Arrow
  names: string[]
  place: (lane: number) => number
  chosen: boolean
  onChoose: () => void
}

function Rung({ arrow, names, place, chosen, onChoose }: RungProps) {
  const { t } = useTranslation('calls')
  const [left, right] = [place(arrow.from), place(arrow.to)].sort((a, b) => a - b) as [number, number]
  return (
    <UnstyledButton
      className={classes.rung}
      data-kind={arrow.kind}
      data-chosen={chosen || undefined}
      aria-expanded={chosen}
      onClick={onChoose}
    >
      <Text span size="xs" c="dimmed" className="tl-mono">
        {offset(arrow.offsetMs)}
      </Text>
      <span className={classes.field}>
        {names.map((_, lane) => (
          <span key={lane} className={classes.lifeline} style={{ left: `${place(lane)}%` }} />
        ))}
        <span
          className={classes.label}
          style={{ left: `${(left + right) / 2}%`, maxWidth: `${right - left}%` }}
        >
          {arrow.label}
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
