/** Keys that the caller presses unasked. */
import { Group, Switch } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Limited, Part } from '../editor/fields'
import { useAgentForm } from '../editor/form'
import { Terminator } from '../tools/ToolFields'

export function KeysSection() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Part title={t('keys')} lead={t('keysHelp')}>
      <Group align="flex-start" grow preventGrowOverflow={false}>
        <Limited place="keys.length" label={t('keysLength')} description={t('keysLengthHelp')} />
        <Limited place="keys.timeout_ms" label={t('keysTimeoutUnasked')} suffix=" ms" step={500} />
        <Terminator place="config.keys.terminator" />
      </Group>
      <Switch
        label={t('sensitive')}
        description={t('sensitiveHelp')}
        {...form.getInputProps('config.keys.sensitive', { type: 'checkbox' })}
      />
    </Part>
  )
}
