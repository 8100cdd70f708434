/** How a transfer goes, each way in a picture and in words. */
import { Group, Radio, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { MODES, type TransferMode } from '../config/reach'
import { useAgentForm } from '../editor/form'
import classes from './reach.module.css'

export function ModeChoice({ place, mode }: { place: string; mode: TransferMode }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Radio.Group label={t('mode')} {...form.getInputProps(place)} value={mode}>
      <div className={classes.modes}>
        {MODES.map((one) => (
          <Radio.Card key={one} value={one} className={classes.mode}>
            <Group justify="space-between" wrap="nowrap" align="flex-start">
              <Text size="sm" fw={600}>
                {t(`modes.${one}`)}
              </Text>
              <Radio.Indicator />
            </Group>
            <Picture mode={one} />
            <Text size="xs" c="dimmed">
              {t(`modesHelp.${one}`)}
            </Text>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  )
}

/** Who talks to whom in the end (a line), and who is gone (broken). Of `warm`, the talk before as dots. */
const LINES: Record<TransferMode, { caller: string; human: string; around: string }> = {
  bridge: { caller: 'gone', human: 'gone', around: 'talks' },
  warm: { caller: 'gone', human: 'asks', around: 'talks' },
  blind: { caller: 'gone', human: 'none', around: 'talks' },
  conference: { caller: 'talks', human: 'talks', around: 'talks' },
}

function Picture({ mode }: { mode: TransferMode }) {
  const { t } = useTranslation('agents')
  const { caller, human, around } = LINES[mode]
  return (
    <svg viewBox="0 0 200 74" className={classes.picture} aria-hidden>
      <path d="M34 46 Q100 84 166 46" data-line={around} />
      <path d="M38 36 L88 24" data-line={caller} />
      <path d="M112 24 L162 36" data-line={human} />
      <circle cx="26" cy="40" r="9" data-who="caller" />
      <circle cx="100" cy="20" r="9" data-who="agent" data-gone={mode === 'conference' ? undefined : ''} />
      <circle cx="174" cy="40" r="9" data-who="human" />
      <text x="26" y="64">
        {t('pictureCaller')}
      </text>
      <text x="100" y="44">
        {t('pictureAgent')}
      </text>
      <text x="174" y="64">
        {t('pictureHuman')}
      </text>
    </svg>
  )
}
