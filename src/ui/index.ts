export { showDashboard } from './show-dashboard.ts'
export { showPicker } from './show-picker.ts'
