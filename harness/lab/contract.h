// SPDX-License-Identifier: Apache-2.0
// contract.h - the control of a lab as an OpenAPI document, for those who generate clients from it
#ifndef GONEAWAY_LAB_CONTRACT_H
#define GONEAWAY_LAB_CONTRACT_H

#include <jansson.h>

/** The document (OpenAPI 3.1). Requests are those of act.h, their bodies the types that scenarios
 * are read by. New reference. */
json_t *lab_contract(void);

#endif
