/** The steps, as links to each. */
import { Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { STEPS, type Step } from './steps'
import classes from './setup.module.css'

interface StepListProps {
  here: Step
  /** The address of the wizard; none: the draft is not there yet, and the steps lead nowhere. */
  to?: string
  /** Steps with something to mend. */
  wrong?: ReadonlySet<Step>
}

const NONE: ReadonlySet<Step> = new Set()

export function StepList({ here, to, wrong = NONE }: StepListProps) {
  const { t } = useTranslation('campaigns')
  return (
    <nav aria-label={t('steps')}>
      <ol className={classes.steps}>
        {STEPS.map((step, i) => {
          const content = (
            <>
              <span className={classes.number} aria-hidden>
                {i + 1}
              </span>
              <Text component="span" size="sm" fw={step === here ? 600 : 400}>
                {t(`step.${step}`)}
              </Text>
              {wrong.has(step) && (
                <Text component="span" size="xs" c="var(--mantine-color-error)">
                  {t('toMend')}
                </Text>
              )}
            </>
          )
          return (
            <li key={step} data-here={step === here || undefined}>
              {to ? (
                <Link to={to} search={{ step } as never} aria-current={step === here ? 'step' : undefined}>
                  {content}
                </Link>
              ) : (
                <span aria-current={step === here ? 'step' : undefined}>{content}</span>
              )}
            </li>
          )
        })}
      </ol>
    </nav>
  )
}
