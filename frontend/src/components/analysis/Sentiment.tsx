/** How the caller felt, turn by turn: up is content, down is displeased. */
import { Group, Text, Title, Tooltip, UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Result, ShowTurn } from './types'
import classes from './analysis.module.css'
import { moodOf } from './values'

interface SentimentProps {
  result: Pick<Result, 'sentiment' | 'sentiment_score'>
  onTurn?: ShowTurn
}

const HALF_PX = 18

export function Sentiment({ result: { sentiment, sentiment_score }, onTurn }: SentimentProps) {
  const { t } = useTranslation('analysis')
  // Without a whole nobody said anything that tells.
  if (sentiment.length === 0 || sentiment_score === null) return null
  const said = (score: number) => ({ mood: t(`sentiment_${moodOf(score)}`), score: score.toFixed(2) })
  return (
    <div>
      <Group justify="space-between" gap="xs" mb={4}>
        <Title order={3} size="h4">
          {t('sentiment')}
        </Title>
        <Text size="sm" c="dimmed">
          {t('sentimentWhole', said(sentiment_score))}
        </Text>
      </Group>
      <ol className={classes.moods} aria-label={t('sentiment')}>
        {sentiment.map(({ turn, score }) => {
          const label = t('sentimentOf', { turn: turn + 1, ...said(score) })
          return (
            <li key={turn}>
              <Tooltip label={label}>
                <UnstyledButton
                  className={classes.mood}
                  data-mood={moodOf(score)}
                  aria-label={label}
                  onClick={() => onTurn?.(turn)}
                >
                  <i style={bar(score)} aria-hidden />
                </UnstyledButton>
              </Tooltip>
            </li>
          )
        })}
      </ol>
    </div>
  )
}

/** From the middle line up or down; what is even keeps a line that is seen. */
function bar(score: number): React.CSSProperties {
  const px = Math.max(2, Math.abs(score) * HALF_PX)
  return score >= 0 ? { height: px, bottom: HALF_PX } : { height: px, top: HALF_PX }
}
