/** Who answered an outbound call, and what to do about a machine. */
import { Group, Radio, Stack, Switch, Textarea } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { MACHINE_ACTIONS } from '../config/reach'
import { Limited, Part } from '../editor/fields'
import { useAgentForm } from '../editor/form'

const PLACE = 'config.voicemail'

export function VoicemailSection() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { detect } = form.values.config.voicemail
  return (
    <Stack gap="xl">
      <Switch
        label={t('detect')}
        description={t('detectHelp')}
        {...form.getInputProps(`${PLACE}.detect`, { type: 'checkbox' })}
      />
      {detect && (
        <>
          <Machine />
          <Part title={t('screening')}>
            <Textarea
              label={t('screeningReply')}
              description={t('screeningReplyHelp')}
              autosize
              {...form.getInputProps(`${PLACE}.screening_reply`)}
            />
          </Part>
          <Menus />
        </>
      )}
    </Stack>
  )
}

function Machine() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { action } = form.values.config.voicemail
  return (
    <Part title={t('machine')}>
      <Radio.Group label={t('machineAction')} {...form.getInputProps(`${PLACE}.action`)}>
        <Stack gap="xs" mt={6}>
          {MACHINE_ACTIONS.map((one) => (
            <Radio key={one} value={one} label={t(`machineActions.${one}`)} />
          ))}
        </Stack>
      </Radio.Group>
      {action === 'leave_message' && (
        <Textarea
          label={t('machineMessage')}
          description={t('machineMessageHelp', { variable: '{{name}}' })}
          autosize
          minRows={2}
          {...form.getInputProps(`${PLACE}.message`)}
        />
      )}
      <Group align="flex-start" grow preventGrowOverflow={false}>
        <Limited
          place="voicemail.decide_within_ms"
          label={t('decideWithin')}
          description={t('decideWithinHelp')}
          suffix=" ms"
          step={500}
        />
        {action === 'leave_message' && (
          <Limited
            place="voicemail.beep_within_ms"
            label={t('beepWithin')}
            description={t('beepWithinHelp')}
            suffix=" ms"
            step={1000}
          />
        )}
      </Group>
    </Part>
  )
}

function Menus() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Part title={t('menus')}>
      <Switch
        label={t('navigate')}
        description={t('navigateHelp')}
        {...form.getInputProps(`${PLACE}.navigate`, { type: 'checkbox' })}
      />
      {form.values.config.voicemail.navigate && (
        <Textarea
          label={t('goal')}
          description={t('goalHelp')}
          autosize
          {...form.getInputProps(`${PLACE}.goal`)}
        />
      )}
    </Part>
  )
}
