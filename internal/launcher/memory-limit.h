#pragma once

int is_memory_scarce(void); /* also where nobody says how much there is */
