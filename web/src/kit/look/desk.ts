/** The look of the operator's desk: Element Plus in the house's colours, by day and by night. Every page of the desk imports it. */
import 'element-plus/theme-chalk/dark/css-vars.css'
import './desk.css'
