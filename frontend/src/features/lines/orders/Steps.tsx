/** What has happened with an order or a transfer, in order. */
import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { exactTime } from '@/components/format'
import classes from './orders.module.css'

interface Step {
  at: string
  words: string
}

export function Steps({ steps }: { steps: readonly Step[] }) {
  const { t } = useTranslation('lines')
  if (steps.length === 0)
    return (
      <Text size="sm" c="dimmed" className={classes.inner}>
        {t('orders.noSteps')}
      </Text>
    )
  return (
    <ol className={classes.steps}>
      {steps.map(({ at, words }, i) => (
        <li key={i}>
          <Text span size="xs" c="dimmed" className="tl-mono">
            {exactTime(at)}
          </Text>
          <span>{words}</span>
        </li>
      ))}
    </ol>
  )
}
