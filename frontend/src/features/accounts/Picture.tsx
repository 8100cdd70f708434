/** A telephone line that becomes a transcript. */
import { useTranslation } from 'react-i18next'
import classes from './Entrance.module.css'

const WIDTH = 520
const MIDDLE = 64
const BAR = 5

/** One call, drawn once: who speaks from where to where (in bars), agent and caller in turn. */
const SPEECH = [
  { who: 'agent', from: 6, to: 27 },
  { who: 'caller', from: 31, to: 50 },
  { who: 'agent', from: 53, to: 76 },
  { who: 'caller', from: 80, to: 87 },
] as const

/** Loudness at a bar: syllables under the arc of a sentence. Always the same. */
function loudness(bar: number, from: number, to: number): number {
  const arc = Math.sin((Math.PI * (bar - from + 0.5)) / (to - from))
  const syllable = 0.45 + 0.55 * Math.abs(Math.sin(bar * 1.9) * Math.cos(bar * 0.63))
  return 3 + 43 * arc * syllable
}

export function Picture() {
  const { t } = useTranslation('accounts')
  const turns = [
    { who: 'agent', at: '0:01', text: t('turnAgent1') },
    { who: 'caller', at: '0:05', text: t('turnCaller1') },
    { who: 'agent', at: '0:09', text: t('turnAgent2') },
    { who: 'caller', at: '0:13', text: t('turnCaller2') },
  ] as const
  return (
    <aside className={classes.picture}>
      <div className={classes.inner}>
        <Line />
        <ol className={classes.turns} aria-hidden>
          {turns.map(({ who, at, text }) => (
            <li key={at} className={classes.turn} data-who={who}>
              <span className="tl-mono">{at}</span>
              {text}
            </li>
          ))}
        </ol>
        <div className={classes.words}>
          <p className={classes.claim}>{t('pictureTitle')}</p>
          <p className={classes.more}>{t('pictureText')}</p>
        </div>
      </div>
    </aside>
  )
}

function Line() {
  return (
    <svg className={classes.line} viewBox={`0 0 ${WIDTH} 152`} width={WIDTH} height={152} aria-hidden>
      <path
        d={`M ${WIDTH * 2} ${MIDDLE} H 44 Q 8 ${MIDDLE} 8 ${MIDDLE + 38} V 152`}
        className={classes.wire}
        fill="none"
      />
      {SPEECH.flatMap(({ who, from, to }) =>
        Array.from({ length: to - from }, (_, i) => {
          const bar = from + i
          const half = loudness(bar, from, to)
          const x = 44 + bar * BAR
          return (
            <line
              key={bar}
              data-who={who}
              className={classes.bar}
              x1={x}
              x2={x}
              y1={MIDDLE - half}
              y2={MIDDLE + half}
            />
          )
        }),
      )}
    </svg>
  )
}
