/** What the vendors will bill. */
import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { count } from '@/components/format'
import type { Usage } from './account'

export function UsageWords({ usage }: { usage: Usage }) {
  const { t } = useTranslation('calls')
  const words = [
    usage.input_tokens > 0 &&
      t(usage.cached_tokens > 0 ? 'usageInputCached' : 'usageInput', {
        tokens: count(usage.input_tokens),
        cached: count(usage.cached_tokens),
      }),
    usage.output_tokens > 0 && t('usageOutput', { tokens: count(usage.output_tokens) }),
    usage.discarded_tokens > 0 && t('usageDiscarded', { tokens: count(usage.discarded_tokens) }),
    usage.audio_input_tokens > 0 && t('usageAudioInput', { tokens: count(usage.audio_input_tokens) }),
    usage.audio_output_tokens > 0 && t('usageAudioOutput', { tokens: count(usage.audio_output_tokens) }),
    usage.characters > 0 && t('usageCharacters', { characters: count(usage.characters) }),
    usage.discarded_characters > 0 &&
      t('usageDiscardedCharacters', { characters: count(usage.discarded_characters) }),
    usage.audio_ms > 0 && t('usageAudio', { seconds: count(Math.round(usage.audio_ms / 100) / 10) }),
  ].filter((word) => word !== false)
  if (words.length === 0) return null
  return (
    <Text size="sm" c="dimmed">
      {words.join(' · ')}
    </Text>
  )
}
