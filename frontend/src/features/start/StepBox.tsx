/** One step: its number or its tick, what it is about, and what is to be done. */
import { Box, Collapse, Text, Title, UnstyledButton } from '@mantine/core'
import { IconCheck, IconChevronDown } from '@tabler/icons-react'
import { type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { Step } from './progress'
import classes from './start.module.css'

interface StepBoxProps {
  number: number
  step: Step
  done: boolean
  open: boolean
  enabled: boolean
  onToggle: () => void
  children: ReactNode
}

export function StepBox({ number, step, done, open, enabled, onToggle, children }: StepBoxProps) {
  const { t } = useTranslation('start')
  const id = useId()
  return (
    <li className={classes.step} data-open={open || undefined} data-done={done || undefined}>
      <Title order={2} size="h3">
        <UnstyledButton
          className={classes.head}
          onClick={onToggle}
          disabled={!enabled}
          aria-expanded={open}
          aria-controls={id}
        >
          <span className={classes.mark} aria-hidden>
            {done ? <IconCheck size={16} stroke={2.5} /> : number}
          </span>
          <Box flex={1} miw={0} component="span">
            {t(`steps.${step}`)}
            <Text size="sm" c="dimmed" component="span" display="block">
              {done ? t(`stepsDone.${step}`) : t(`stepsText.${step}`)}
            </Text>
          </Box>
          {enabled && <IconChevronDown size={18} className={classes.chevron} aria-hidden />}
        </UnstyledButton>
      </Title>
      <Collapse expanded={open} id={id} transitionDuration={120}>
        <Box className={classes.body}>{open && children}</Box>
      </Collapse>
    </li>
  )
}
