/** When the caller has finished, when the agent yields, and what happens in silence. */
import { SimpleGrid, Stack, Switch, Textarea } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Limited, Lines, Part } from './fields'
import { useAgentForm } from './form'

export function Turns() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const bargeIn = form.values.config.turn_taking.barge_in
  return (
    <Stack gap="xl">
      <Part title={t('turnTaking')} lead={t('turnTakingHelp')}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Limited
            place="turn_taking.endpointing_ms"
            label={t('endpointing')}
            description={t('endpointingHelp')}
            suffix=" ms"
            step={50}
          />
          <Limited
            place="turn_taking.transcript_after_ms"
            label={t('transcriptAfter')}
            description={t('transcriptAfterHelp')}
            suffix=" ms"
            step={20}
          />
          <Limited
            place="turn_taking.transcript_timeout_ms"
            label={t('transcriptTimeout')}
            description={t('transcriptTimeoutHelp')}
            suffix=" ms"
            step={100}
          />
          <Limited
            place="turn_taking.min_speech_ms"
            label={t('minSpeech')}
            description={t('minSpeechHelp')}
            suffix=" ms"
            step={20}
          />
        </SimpleGrid>
        <Switch
          label={t('bargeIn')}
          description={t('bargeInHelp')}
          {...form.getInputProps('config.turn_taking.barge_in', { type: 'checkbox' })}
        />
        {bargeIn && (
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Limited
              place="turn_taking.barge_in_min_speech_ms"
              label={t('bargeInMin')}
              description={t('bargeInMinHelp')}
              suffix=" ms"
              step={20}
            />
          </SimpleGrid>
        )}
      </Part>
      <Part title={t('silence')} lead={t('silenceHelp')}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Limited place="silence.prompt_after_ms" label={t('promptAfter')} suffix=" ms" step={500} />
        </SimpleGrid>
        <Lines
          label={t('silencePrompts')}
          description={t('silencePromptsHelp')}
          {...form.getInputProps('config.silence.prompts')}
        />
        <Textarea
          label={t('silenceGoodbye')}
          autosize
          minRows={2}
          {...form.getInputProps('config.silence.goodbye')}
        />
      </Part>
    </Stack>
  )
}
