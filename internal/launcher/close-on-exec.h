#pragma once

/* Marks every descriptor from `first` on as not to be handed to the next program. */
void set_close_on_exec_from(int first);
