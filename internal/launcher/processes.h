#pragma once

/*
 * Makes as many processes and threads as Node and the program need beside the main thread (PROCESSES_NEEDED), and lets
 * them go. Ends the process with a line if that fails. There is no other way to find out: limits count what all
 * processes of a user, a container or a Pod have, and most of that cannot be seen from here. Without this, Node's start
 * would hang or end by a signal.
 */
void check_processes(void);
